"""`kata rules`: what holds in every kata."""

from __future__ import annotations

import click

from grader.catalog import rules
from grader.cli.errors import exits
from grader.cli.markdown import echo_markdown
from grader.cli.session import Session, pass_session


@click.command("rules")
@pass_session
@exits
def command(session: Session) -> None:
    """Show the rules of the house, which hold in every kata.

    \b
    Examples:
      kata rules
      kata rules | less
    """
    echo_markdown(rules(session.catalog))
