"""`kata hint`: the next of three hints."""

from __future__ import annotations

import click

from grader.catalog import HINT_STEPS, answers, hints
from grader.cli.errors import exits
from grader.cli.markdown import echo_markdown
from grader.cli.session import Session, kata_argument, pass_session
from grader.errors import BadInput
from grader.records import Kata
from grader.workspace import Workspace


@click.command("hint")
@kata_argument()
@click.option("--step", type=click.IntRange(min=1), help="This one instead of the next one.")
@pass_session
@exits
def command(session: Session, name: str | None, step: int | None) -> None:
    """Show the next hint of a kata.

    Each stage has three: a nudge, more, nearly the answer. The next one is for the first stage that your
    last check did not pass.

    \b
    Examples:
      kata hint             for the kata that is next
      kata hint 4
      kata hint 4 --step 1  once more
    """
    kata, here = session.kata(name), session.workspace_here
    steps = hints(kata)
    if step is None:
        step = _next_step(here, kata, len(steps))
    elif step > len(steps):
        advice = f"`kata hint {kata.number} --step 1` shows the first."
        raise BadInput(f"Kata {kata.number} has {len(steps)} hints.", advice=advice)
    if here:
        here.change(lambda progress: progress.with_hint(kata, step))
    click.echo(f"Kata {kata.number}, hint {step} of {len(steps)}\n")
    echo_markdown(steps[step - 1])
    if step % HINT_STEPS:
        again = f"kata hint {kata.number}" + ("" if here else f" --step {step + 1}")
        click.echo(f"\nStill stuck? `{again}`")
    else:
        spoil = f" `kata solution {kata.number} --spoil` gives it away." if answers(kata) else ""
        stage = "" if len(steps) == HINT_STEPS else " for this stage"
        click.echo(f"\nThat was the last one{stage}.{spoil}")


def _next_step(here: Workspace | None, kata: Kata, count: int) -> int:
    """The number of the next hint: of those for the stage that the last check has not met."""
    if here is None:
        return 1
    last = here.last_run(kata)
    stage = (last.judgement.stage if last else None) or 1
    first = min(HINT_STEPS * (stage - 1), count - HINT_STEPS)
    shown = here.progress().of(kata).hints
    return min(max(shown, first) + 1, first + HINT_STEPS)
