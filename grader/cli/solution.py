"""`kata solution`: how others did it, once it is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from grader.catalog import answers, answers_folder
from grader.cli.errors import exits
from grader.cli.judging import judged_and_drawn
from grader.cli.markdown import echo_code
from grader.cli.session import Session, kata_argument, pass_session
from grader.errors import BadInput
from grader.records import Kata
from grader.report.coach import coach, find_ruff
from grader.report.lanes import draw_all
from grader.report.look import Look
from grader.report.terminal import check_line, telling_passed

_LANES_EACH = 6


@click.command("solution")
@kata_argument(required=True)
@click.option("--spoil", is_flag=True, help="Show them although the kata is not accepted yet.")
@pass_session
@exits
def command(session: Session, name: str, spoil: bool) -> None:
    """Show accepted answers to a kata that you have solved.

    Their timelines stand beside yours. At the end the coach, a linter, reads your file: advice, never
    a verdict.

    \b
    Examples:
      kata solution 4
      kata solution 4 --spoil
    """
    kata = session.kata(name)
    files = answers(kata)
    if not files:
        place = answers_folder(kata) / "accepted"
        raise BadInput(f"Kata {kata.number} has no solutions.", advice=f"They would be in {place}.")
    if not spoil:
        _refuse_unsolved(session, kata)
    for file in files:
        click.echo(session.out.paint(f"# -- {file.stem} " + "-" * max(0, 60 - len(file.stem)), "bold"))
        echo_code(file.read_text(encoding="utf-8"))
        click.echo()
    mine = _mine(session, kata)
    click.echo("\n".join(_beside(kata, mine, files, session.out)))
    if mine is not None:
        # The end of a kata is the time for a second opinion; before it, one thing at a time.
        click.echo()
        click.echo(coach(mine.decode("utf-8", "replace"), session.out, find_ruff()))


def _mine(session: Session, kata: Kata) -> bytes | None:
    """The learner's own file, if there is one."""
    here = session.workspace_here
    file = here.file(kata) if here else None
    return file.read_bytes() if file and file.is_file() else None


def _beside(kata: Kata, mine: bytes | None, files: tuple[Path, ...], look: Look) -> Iterator[str]:
    """Yours and theirs in the same check, which got the same arguments, on one scale."""
    titles = [*(["yours"] if mine is not None else []), *(file.stem for file in files)]
    sources = [*([mine] if mine is not None else []), *(file.read_bytes() for file in files)]
    judgements = judged_and_drawn(kata, sources, seed=0)
    telling = telling_passed(judgements[-1].checks)
    if telling is None:
        return
    yield check_line(telling, look)
    drawn = [
        (title, check.timeline)
        for title, judgement in zip(titles, judgements, strict=True)
        for check in judgement.checks
        if check.id == telling.id and check.timeline is not None
    ]
    yield draw_all(look, drawn, _LANES_EACH)


def _refuse_unsolved(session: Session, kata: Kata) -> None:
    here = session.workspace_here
    if here is None or here.progress().of(kata).state != "accepted":
        raise BadInput(
            f"Kata {kata.number} is not accepted yet.",
            advice=f"Try `kata hint {kata.number}` first, or give in with --spoil.",
        )
