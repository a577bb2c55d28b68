"""`python -m grader` and the `kata` script."""

from __future__ import annotations

import os

_INTERRUPTED = 130

try:  # Ctrl-C may strike at once
    import atexit
    import gc
    import signal
    import sys
    import threading
    from io import TextIOWrapper

    from grader.pythons import refusal
except KeyboardInterrupt:
    os._exit(_INTERRUPTED)


def main() -> None:
    """Run the command line. Does not return."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    _fill_closed_streams()
    said = refusal()
    if said:
        sys.stderr.write(f"kata: {said}\n")
        sys.exit(2)
    gc.disable()  # Until a command begins there are imports only, which leave no garbage worth looking for.
    from grader.cli import cli, guard
    from grader.cli.errors import FREE_HANDLERS

    guard.IS_ON = True
    FREE_HANDLERS.add(_interrupted)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a sign that a terminal cannot show ends no command
    try:
        cli(prog_name="kata")
    except SystemExit as end:
        _leave(end)


def _interrupted(number: int, frame: object) -> None:
    """Ctrl-C while no command runs: nothing is to be put away, and imports would tell of it at length."""
    os._exit(_INTERRUPTED)


def _fill_closed_streams() -> None:
    """Put the null device in the place of closed streams, or a file of ours would get their numbers.

    Without a stdout no command has a purpose: says so and ends.
    """
    is_mute = sys.stdout is None
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode))
    if is_mute:
        sys.stderr.write("kata: stdout is closed, so nothing can be said. Redirect it instead.\n")
        sys.exit(2)


def _leave(end: SystemExit) -> None:
    """End the process at once: taking all of pytest apart first takes as long as a check.

    What waits for an orderly end still gets it; the order is the interpreter's own. Raises `end`
    where other threads may be at work.
    """
    if threading.active_count() > 1 or not isinstance(end.code, int):
        raise end
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(end.code)


if __name__ == "__main__":
    main()
