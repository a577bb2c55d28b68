"""`kata timeline`: the last run drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from grader.cli.errors import exits
from grader.cli.judging import judged_and_drawn, write_chrome_trace, write_html
from grader.cli.session import Session, kata_argument, pass_session
from grader.errors import BadInput
from grader.records import Judgement
from grader.report.lanes import draw_both
from grader.report.look import Look
from grader.report.terminal import check_line, heading, telling_passed

_MOST_LANES = 40
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("timeline")
@kata_argument()
@click.option("--html", type=_FILE, help="Write a page with the timelines.")
@click.option("--trace", type=_FILE, help="Write a trace for Perfetto or chrome://tracing.")
@pass_session
@exits
def command(session: Session, name: str | None, html: Path | None, trace: Path | None) -> None:
    """Draw the last run of a kata above the best possible one.

    It draws each check that was rejected. Once the kata is accepted, it draws the check that shows most;
    --html has all of them.

    \b
    Examples:
      kata timeline 4
      kata timeline 4 --html timeline.html
      kata timeline 4 --trace trace.json    then open it at ui.perfetto.dev
    """
    kata = session.kata(name)
    last = session.workspace.last_run(kata)
    if last is None:
        raise BadInput(f"Kata {kata.number} was not judged yet.", advice=f"Run `kata check {kata.number}`.")
    judgement, source = last.judgement, last.source.decode("utf-8", "replace")
    if judgement.accepted:  # what passed is not drawn as it is judged, but every run can be replayed
        judgement = judged_and_drawn(kata, [last.source], judgement.seed)[0]
    if html:
        write_html(html, judgement, source)
    if trace:
        write_chrome_trace(trace, judgement)
    if not (html or trace):
        click.echo("\n".join(_drawn(judgement, session.out)))


def _drawn(judgement: Judgement, look: Look) -> Iterator[str]:
    telling = telling_passed(judgement.checks)
    left_out = False
    yield heading(judgement.number, judgement.title, look)
    for check in judgement.checks:
        yield check_line(check, look)
        if check.timeline is None or (check.passed and check is not telling):
            continue
        if check.timeline.makespan_ns:
            yield f"\n{draw_both(look, check.timeline, check.best, _MOST_LANES)}\n"
        else:
            left_out = True
    if left_out:
        yield "\nWhere yours took no time there is nothing to draw."
