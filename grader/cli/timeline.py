"""`kata timeline`: the last run drawn."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.errors import exits
from grader.cli.judging import write_chrome_trace, write_html
from grader.cli.session import Session, kata_argument, pass_session
from grader.errors import BadInput
from grader.records import CheckResult, Kata, Submission
from grader.report.lanes import draw_both
from grader.report.look import Look
from grader.report.terminal import check_line, heading
from grader.trace.timeline import best_of, timeline_of
from grader.workspace import LastRun

_MOST_LANES = 40
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("timeline")
@kata_argument()
@click.option("--html", type=_FILE, help="Write a page with the timelines.")
@click.option("--trace", type=_FILE, help="Write a trace for Perfetto or chrome://tracing.")
@pass_session
@exits
def command(session: Session, name: str | None, html: Path | None, trace: Path | None) -> None:
    """Draw the last run of a kata: yours above the best possible, for each check that was rejected.

    Once it is accepted, your script is drawn as `kata run` runs it.

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
    source = last.source.decode("utf-8", "replace")
    if html:
        write_html(html, last.judgement, source)
    if trace:
        write_chrome_trace(trace, last.judgement)
    if html or trace:
        return
    click.echo(heading(kata.number, kata.title, session.out))
    for check in last.judgement.checks:
        click.echo("\n".join(_drawn(check, session.out)))
    if last.judgement.accepted:
        click.echo("\n" + _drawn_script(kata, last, session.out))


def _drawn_script(kata: Kata, last: LastRun, look: Look) -> str:
    """The checks that held keep no timelines: the script itself is drawn, in the kata's demo world."""
    from grader.judge import run_script

    run = run_script(kata, Submission(source=last.source, filename=f"{kata.slug}.py"))
    exchanges = run.history.exchanges
    return draw_both(look, timeline_of(run.history), best_of(exchanges) if exchanges else None, _MOST_LANES)


def _drawn(check: CheckResult, look: Look) -> list[str]:
    line = check_line(check, look)
    if check.timeline is None:
        return [line]
    return ["", line, draw_both(look, check.timeline, check.best, _MOST_LANES), ""]
