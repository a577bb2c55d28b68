"""`kata hint`: the next of three hints."""

from __future__ import annotations

import click

from grader.catalog import HINT_STEPS, answers, hints
from grader.cli.errors import exits
from grader.cli.markdown import echo_markdown
from grader.cli.session import Session, kata_argument, pass_session


@click.command("hint")
@kata_argument()
@click.option("--step", type=click.IntRange(1, HINT_STEPS), help="This one instead of the next one.")
@pass_session
@exits
def command(session: Session, name: str | None, step: int | None) -> None:
    """Show the next hint of a kata: first a nudge, then the way, then nearly the answer.

    \b
    Examples:
      kata hint             for the kata that is next
      kata hint 4
      kata hint 4 --step 1  once more
    """
    kata, here = session.kata(name), session.workspace_here
    steps = hints(kata)
    shown = here.progress().of(kata).hints if here else 0
    step = step or min(shown + 1, HINT_STEPS)
    if here:
        here.change(lambda progress: progress.with_hint(kata, step))
    click.echo(f"Kata {kata.number}, hint {step} of {HINT_STEPS}\n")
    echo_markdown(steps[step - 1])
    if step < HINT_STEPS:
        again = f"kata hint {kata.number}" + ("" if here else f" --step {step + 1}")
        click.echo(f"\nStill stuck? `{again}`")
    else:
        spoil = f" `kata solution {kata.number} --spoil` gives it away." if answers(kata) else ""
        click.echo(f"\nThat was the last one.{spoil}")
