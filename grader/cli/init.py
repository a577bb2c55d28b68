"""`kata init`: make a workspace, or add to one what is missing."""

from __future__ import annotations

from pathlib import Path

import click

from grader.catalog import UNITS, rules, statement, stub
from grader.cli.errors import exits
from grader.cli.session import Session, pass_session
from grader.cli.shell import quoted
from grader.workspace import Starter, create


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@pass_session
@exits
def command(session: Session, folder: Path) -> None:
    """Make a workspace with a folder for each kata.

    It also gets a README and editor settings. Nothing is ever overwritten: run it again to add new katas
    or to restore a file that you deleted.

    \b
    Examples:
      kata init            here
      kata init practice   in ./practice
    """
    starters = [Starter(kata=kata, statement=statement(kata), stub=stub(kata)) for kata in session.catalog]
    made = create(folder, starters, UNITS, rules(session.catalog))
    for path in made.kept:
        click.echo(f"kept     {path}")
    if made.kept and made.created:
        for path in made.created:
            click.echo(f"created  {path}")
    where = "" if folder == Path() else f"`cd {quoted(folder)}`, then "
    click.echo(
        f"{len(made.created)} files made, {len(made.kept)} kept: {len(starters)} katas in {folder.resolve()}."
    )
    click.echo(f"Next: {where}`kata list`, `kata show 1`, `kata check 1`.")
