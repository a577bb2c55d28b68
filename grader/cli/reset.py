"""`kata reset`: the stub back, the old file aside."""

from __future__ import annotations

import click

from grader.catalog import stub
from grader.cli.errors import exits
from grader.cli.session import Session, kata_argument, pass_session


@click.command("reset")
@kata_argument(required=True)
@pass_session
@exits
def command(session: Session, name: str) -> None:
    """Start a kata again from its stub.

    Your file is kept under another name.

    \b
    Example:
      kata reset 4    gather_readings.py becomes gather_readings.py.1
    """
    kata = session.kata(name)
    kept = session.workspace.reset(kata, stub(kata))
    if kept:
        click.echo(f"Your file is kept as {kept}.")
    click.echo(f"{session.workspace.file(kata)} is the stub again.")
