"""From exceptions to exit codes: the one place where a command's end is decided."""

from __future__ import annotations

import errno
import functools
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, ParamSpec, TextIO

import click

from grader.errors import KataError

INTERRUPTED = 130
"""What shells know a command as that Ctrl-C ended."""
BROKEN_PIPE = 141
"""What shells know a command as whose reader went away."""

FREE_HANDLERS: set[Any] = {signal.default_int_handler}
"""Handlers of Ctrl-C whose place a command takes while it runs."""
_NOWHERE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)

Given = ParamSpec("Given")


def exits(command: Callable[Given, int | None]) -> Callable[Given, None]:
    """Make a command's function leave with the exit code that it returns (None is 0).

    A KataError becomes one line on stderr and its own exit code; anything else unforeseen is an
    error of ours: one line, 3, and the traceback only with `KATA_DEBUG=1`.
    """

    @functools.wraps(command)
    def leave(*args: Given.args, **kwargs: Given.kwargs) -> None:
        gc.enable()
        with _prompt_interrupts() as struck:
            try:
                code = _code_of(command, *args, **kwargs)
            except BaseException:
                if not struck:
                    raise
        if struck:
            # CPython notes a KeyboardInterrupt that ends code run from text (importing a dataclass runs
            # some), handled later or not, and would end this process by the signal: text run anew clears it.
            exec("")
        sys.exit(INTERRUPTED if struck else code)

    return leave


@contextmanager
def _prompt_interrupts() -> Iterator[list[int]]:
    """Ctrl-C raises KeyboardInterrupt where it strikes, and whatever comes of that, it was an interrupt.

    asyncio's own handler would only cancel a task, which code that never yields does not notice.
    """
    struck: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if before not in FREE_HANDLERS:
        yield struck  # somebody else has a say in it, or we are not the main thread's program
        return

    def strike(number: int, frame: object) -> None:
        struck.append(number)
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, strike)
    except ValueError:  # not the main thread, where no signal arrives
        yield struck
        return
    try:
        yield struck
    finally:
        signal.signal(signal.SIGINT, before)


def _code_of(command: Callable[Given, int | None], *args: Given.args, **kwargs: Given.kwargs) -> int:
    try:
        code = command(*args, **kwargs) or 0
        sys.stdout.flush()
    except KataError as error:
        say_aside(str(error))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return _without_reader()
    except OSError as error:
        # So Windows tells of a pipe that nobody reads any more.
        is_broken_pipe = sys.platform == "win32" and error.errno == errno.EINVAL and error.filename is None
        return _without_reader() if is_broken_pipe else code_of_error(error)
    except click.ClickException:
        raise
    except Exception as error:
        return code_of_error(error)
    return code


def code_of_error(error: Exception) -> int:
    """The exit code of what the system refused (2) or nobody foresaw (3), once it is said."""
    if said := _refused(error):
        _discard_unwritten(sys.stdout)
        say_aside(said)
        return 2
    if os.environ.get("KATA_DEBUG"):
        raise error
    say_aside(_unforeseen(error))
    return 3


def say_aside(message: str) -> None:
    """One line on stderr, whatever the message is made of; nothing where stderr takes none."""
    from grader.report.look import clean_line

    try:
        click.echo(f"kata: {clean_line(message)}", err=True)
    except OSError:
        _discard_unwritten(sys.stderr)


def _refused(error: Exception) -> str:
    """What the system did not let us do, or no longer has: the user's to mend; "" for anything else."""
    if not isinstance(error, OSError):
        return ""
    if error.filename is not None:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        todo = "Free some space there." if full else "Check the path and its permissions."
        return f"{error.strerror}: {error.filename}. {todo}"
    if isinstance(error, PermissionError | FileNotFoundError):
        return "The current folder no longer exists. Change to another one."
    if error.errno in _NOWHERE:
        return f"Cannot write the output: {error.strerror}. Check where it goes."
    return ""


def _discard_unwritten(stream: TextIO) -> None:
    """Keep the interpreter from trying once more, as it ends, to write what the stream did not take."""
    try:
        stream.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _unforeseen(error: Exception) -> str:
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"This is an error of ours: {said}. Please report it, with what `KATA_DEBUG=1 kata ...` prints."


def _without_reader() -> int:
    """Nobody reads stdout any more: keep the interpreter from complaining of it as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
