"""`kata dev new`: the skeleton of a kata."""

from __future__ import annotations

import click

from grader.cli.errors import exits
from grader.cli.session import Session, pass_session


@click.command("new")
@click.argument("number", type=click.IntRange(1, 999))
@click.argument("slug")
@pass_session
@exits
def command(session: Session, number: int, slug: str) -> None:
    """Make the skeleton of a kata: statement, hints, stub, suite and answers, with TODOs to fill.

    \b
    Example:
      kata dev new 41 print_queue
    """
    from grader.batch.scaffold import scaffold

    for path in scaffold(session.catalog, number, slug):
        click.echo(f"created  {path}")
    click.echo(f"Fill the TODOs, then prove it: `kata dev verify {number}`. The rules: katas/README.md.")
