"""`kata show`: a kata's statement, and what there is to win."""

from __future__ import annotations

import click

from grader.catalog import statement
from grader.cli.errors import exits
from grader.cli.markdown import echo_markdown
from grader.cli.session import Session, kata_argument, pass_session
from grader.records import Kata
from grader.trace.axis import format_ns


@click.command("show")
@kata_argument()
@pass_session
@exits
def command(session: Session, name: str | None) -> None:
    """Show a kata's statement.

    Without KATA: the next one that is not accepted yet.

    \b
    Examples:
      kata show 4
      kata show gather
      kata show 4 | less
    """
    kata = session.kata(name)
    echo_markdown(statement(kata))
    click.echo(f"\n{_figures(kata)}")
    here = session.workspace_here
    if here is not None:
        click.echo(f"Your file: {here.file(kata)}")
    click.echo(f"Then: `kata check {kata.number}`")


def _figures(kata: Kata) -> str:
    from grader.judge import demo_figures

    today, possible = demo_figures(kata)
    return f"{format_ns(today)} today, {format_ns(possible)} possible."
