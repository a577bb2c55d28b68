"""From exceptions to exit codes: the one place where a command's end is decided (cli.md)."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
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
        sys.exit(_code_of(command, *args, **kwargs))

    return leave


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


def _unforeseen(error: Exception) -> str:
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"This is an error of ours: {said}. Please report it, with what `KATA_DEBUG=1 kata ...` prints."


def _without_reader() -> int:
    """Nobody reads stdout any more: keep the interpreter from complaining of it as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
