"""`python -m grader` and the `kata` script."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from io import TextIOWrapper


def main() -> None:
    """Run the command line. Does not return."""
    from grader.cli import cli

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a sign that a terminal cannot show ends no command
    try:
        cli(prog_name="kata")
    except SystemExit as end:
        _leave(end)


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
