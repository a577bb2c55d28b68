"""From exceptions to exit codes: the one place where a command's end is decided (cli.md)."""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

import click

from grader.errors import KataError

INTERRUPTED = 130
"""What shells know a command as that Ctrl-C ended."""
BROKEN_PIPE = 141
"""What shells know a command as whose reader went away."""

Given = ParamSpec("Given")


def exits(command: Callable[Given, int | None]) -> Callable[Given, None]:
    """Make a command's function leave with the exit code that it returns (None is 0).

    A KataError becomes one line on stderr and its own exit code; anything else unforeseen is an
    error of ours: one line, 3, and the traceback only with `KATA_DEBUG=1`.
    """

    @functools.wraps(command)
    def leave(*args: Given.args, **kwargs: Given.kwargs) -> None:
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
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
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
        signal.signal(signal.SIGINT, signal.default_int_handler)


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
    except click.ClickException:
        raise
    except (PermissionError, FileNotFoundError) as error:
        say_aside(_refused(error))
        return 2
    except Exception as error:
        if os.environ.get("KATA_DEBUG"):
            raise
        say_aside(_unforeseen(error))
        return 3
    return code


def say_aside(message: str) -> None:
    """One line on stderr, whatever the message is made of."""
    from grader.report.look import clean_line

    click.echo(f"kata: {clean_line(message)}", err=True)


def _refused(error: OSError) -> str:
    """What the system did not let us do, or no longer has: the user's to mend."""
    if error.filename is None:
        return "The folder that you are in is gone. Go to another."
    return f"{error.strerror}: {error.filename}. See to its place and permissions."


def _unforeseen(error: Exception) -> str:
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"This is an error of ours: {said}. Please report it, with what `KATA_DEBUG=1 kata ...` prints."


def _without_reader() -> int:
    """Nobody reads stdout any more: keep the interpreter from complaining of it as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
