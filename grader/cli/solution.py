"""`kata solution`: how others did it, once it is done."""

from __future__ import annotations

import click

from grader.catalog import answers
from grader.cli.errors import exits
from grader.cli.markdown import echo_code
from grader.cli.session import Session, kata_argument, pass_session
from grader.errors import BadInput
from grader.records import Kata


@click.command("solution")
@kata_argument(required=True)
@click.option("--spoil", is_flag=True, help="Show them although the kata is not accepted yet.")
@pass_session
@exits
def command(session: Session, name: str, spoil: bool) -> None:
    """Show the accepted solutions of a kata that you have solved.

    \b
    Examples:
      kata solution 4
      kata solution 4 --spoil
    """
    kata = session.kata(name)
    if not spoil:
        _refuse_unsolved(session, kata)
    files = answers(kata)
    if not files:
        advice = f"They are in a checkout of the project, in solutions/{kata.name}/accepted."
        raise BadInput("This installation carries no solutions.", advice=advice)
    for file in files:
        click.echo(session.out.paint(f"# -- {file.stem} " + "-" * max(0, 60 - len(file.stem)), "bold"))
        echo_code(file.read_text(encoding="utf-8"))
        click.echo()


def _refuse_unsolved(session: Session, kata: Kata) -> None:
    here = session.workspace_here
    if here is None or here.progress().of(kata).state != "accepted":
        raise BadInput(
            f"Kata {kata.number} is not accepted yet.",
            advice=f"Try `kata hint {kata.number}` first, or give in with --spoil.",
        )
