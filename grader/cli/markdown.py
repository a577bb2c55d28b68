"""Markdown where a command shows some: rendered on a terminal, as it is everywhere else."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console


def echo_markdown(text: str) -> None:
    """Show the text on stdout."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        click.echo(text.rstrip())
        return
    from rich.markdown import Markdown

    from grader.report.look import MAX_WIDTH

    console = _console()
    console.print(Markdown(text), width=min(console.width, MAX_WIDTH))


def echo_code(source: str) -> None:
    """Show Python source on stdout, coloured where there is colour."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        click.echo(source.rstrip())
        return
    from rich.syntax import Syntax

    _console().print(Syntax(source.rstrip(), "python", background_color="default", word_wrap=True))


def _console() -> Console:
    """Stdout; under NO_COLOR without any escapes, bold and underlined text among them."""
    from rich.console import Console

    return Console(force_terminal=False if os.environ.get("NO_COLOR") else None)
