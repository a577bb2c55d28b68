"""Markdown where a command shows some: rendered on a terminal, as it is everywhere else."""

from __future__ import annotations

import os
import sys

import click


def echo_markdown(text: str) -> None:
    """Show the text on stdout."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        click.echo(text.rstrip())
        return
    from rich.console import Console
    from rich.markdown import Markdown

    from grader.report.look import MAX_WIDTH

    console = Console()  # obeys NO_COLOR
    console.print(Markdown(text), width=min(console.width, MAX_WIDTH))


def echo_code(source: str) -> None:
    """Show Python source on stdout, coloured where there is colour."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        click.echo(source.rstrip())
        return
    from rich.console import Console
    from rich.syntax import Syntax

    Console().print(Syntax(source.rstrip(), "python", background_color="default", word_wrap=True))
