"""`kata check`: the verdict, and why."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from grader.catalog import answers
from grader.cli.errors import exits, say_aside
from grader.cli.guard import Tell, guarded
from grader.cli.judging import (
    Target,
    exit_code,
    find_target,
    remember,
    with_suite,
    write_chrome_trace,
    write_html,
    write_junit,
)
from grader.cli.session import Session, kata_argument, pass_session
from grader.errors import BadInput
from grader.records import CheckResult, Judgement, Kata, Record, Submission, Verdict

if TYPE_CHECKING:
    from grader.judge import Judge, Options

_FILE = click.Path(dir_okay=False, path_type=Path)


class Wishes(Record, frozen=True):
    """How the user wants the judgement told."""

    as_json: bool = False
    html: Path | None = None
    trace: Path | None = None
    junit: Path | None = None
    replays: bool = False
    """One fault only: such a judgement is not the whole, and is not remembered."""


@click.command("check")
@kata_argument()
@click.option("--all", "every", is_flag=True, help="Every kata of the workspace.")
@click.option("--file", type=click.Path(path_type=Path), help="Judge this file as that kata.")
@click.option("--json", "as_json", is_flag=True, help="One object (a list with --all) on stdout.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Replay the run with this seed.")
@click.option("--fault", help="Replay only the run with this fault, such as cancel@3.")
@click.option("--clock", type=click.Choice(["virtual", "real"]), default="virtual", show_default=True)
@click.option("--html", type=_FILE, help="Write a page with the timelines.")
@click.option("--trace", type=_FILE, help="Write a trace for Perfetto or chrome://tracing.")
@click.option("--junit", type=_FILE, help="Write JUnit XML.")
@click.option(
    "--suite", type=click.Path(exists=True, path_type=Path), help="Your own suite, or folder of them."
)
@click.option("--pytest", "raw", is_flag=True, help="Show pytest's own output instead.")
@click.option("--isolation", type=click.Choice(["full", "best", "none"]), default="best", show_default=True)
@pass_session
@exits
def command(
    session: Session,
    name: str | None,
    every: bool,
    file: Path | None,
    as_json: bool,
    seed: int,
    fault: str | None,
    clock: str,
    html: Path | None,
    trace: Path | None,
    junit: Path | None,
    suite: Path | None,
    raw: bool,
    isolation: str,
) -> int:
    """Judge your answer to a kata.

    Without KATA: the next one that is not accepted yet. Exit codes: 0 if it is accepted, 1 if not,
    2 if there is nothing to judge, 3 after an error of ours.

    \b
    Examples:
      kata check                        the next one
      kata check 4                      by number, or by name: gather
      kata check 4 --file try.py        another file, as kata 4
      kata check 4 --seed 17            replay what a seed showed
      kata check 12 --fault cancel@3    replay the run with one fault
      kata check 4 --html page.html     with every timeline
      kata check --all --json | jq '.[].verdict'
    """
    from grader.judge import Judge, Options
    from grader.testing.faults import is_fault_name

    if fault is not None and not is_fault_name(fault):
        advice = "Faults have names such as cancel@3 or value-None."
        raise BadInput(f"{fault} is not the name of a fault.", advice=advice)
    drawn = html is not None or trace is not None
    options = Options(seed=seed, fault=fault, clock=clock, isolation=isolation, draw_passed=drawn)
    wishes = Wishes(as_json=as_json, html=html, trace=trace, junit=junit, replays=fault is not None)
    _refuse_contradictions(name, every, file, raw, wishes)
    if raw:
        return _with_pytest(session, name, file, suite, options)

    def judged(tell: Tell) -> int:
        with Judge(options) as judge:  # first: its guest starts while we look for files
            judge.on_progress = tell
            if every:
                return _check_all(session, judge, suite, wishes)
            return _check_one(session, judge, find_target(session, name, file), suite, wishes)

    def limited(verdict: Verdict) -> int:
        from grader.engine.local import KILLED_TWICE

        if every:
            say_aside(f"{KILLED_TWICE[verdict]} Check each kata by itself to see which it is.")
            return 1
        return _limited(session, find_target(session, name, file), suite, wishes, options, verdict)

    return guarded(judged, limited)


def _refuse_contradictions(
    name: str | None, every: bool, file: Path | None, raw: bool, wishes: Wishes
) -> None:
    if every and (name or file or wishes.html or wishes.trace or raw):
        raise BadInput(
            "--all cannot be combined with these options.",
            advice="Leave out KATA, --file, --html, --trace and --pytest.",
        )
    if raw and wishes != Wishes():
        raise BadInput("--pytest shows pytest's own output only.", advice="Leave out the other formats.")


def _with_pytest(
    session: Session, name: str | None, file: Path | None, suite: Path | None, options: Options
) -> int:
    from grader.cli.cleaned import cleaned_output
    from grader.judge import run_pytest

    target = find_target(session, name, file)
    with cleaned_output(sys.stdout, sys.stderr):
        code = run_pytest(with_suite(target.kata, suite), target.submission(), options, [])
    return code if code in (0, 1) else 3


# -- one -------------------------------------------------------------------------------------------
def _check_one(session: Session, judge: Judge, target: Target, suite: Path | None, wishes: Wishes) -> int:
    submission = target.submission()
    if wishes.as_json:
        judgement = judge.judge(with_suite(target.kata, suite), submission)
    else:
        judgement = judge_aloud(session, judge, target, submission, suite)
    return _told(session, target, suite, wishes, submission, judgement)


def _limited(
    session: Session, target: Target, suite: Path | None, wishes: Wishes, options: Options, verdict: Verdict
) -> int:
    """Tell of an answer over which the judge was killed twice."""
    from grader.engine.jobs import local_versions
    from grader.engine.local import KILLED_TWICE
    from grader.grading.keys import Key, error_judgement
    from grader.judge import suite_digest
    from grader.report.terminal import explanations, summary

    kata, submission, versions = with_suite(target.kata, suite), target.submission(), local_versions()
    key = Key(
        slug=kata.slug,
        sha256=submission.sha256,
        suite_digest=suite_digest(kata),
        grader=versions.grader,
        python=versions.python,
        seed=options.seed,
    )
    judgement = error_judgement(key, kata.number, kata.title, KILLED_TWICE[verdict], verdict=verdict)
    if not wishes.as_json:
        source = submission.source.decode("utf-8", "replace")
        click.echo(explanations(judgement, source, session.out) + "\n\n" + summary(judgement, session.out))
    return _told(session, target, suite, wishes, submission, judgement)


def _told(
    session: Session,
    target: Target,
    suite: Path | None,
    wishes: Wishes,
    submission: Submission,
    judgement: Judgement,
) -> int:
    """Write what was asked for, remember it, and say what comes next."""
    if wishes.as_json:
        click.echo(json.dumps(judgement.as_json(), indent=2))
    _write_files(wishes, submission, judgement)
    is_whole = suite is None and not wishes.replays
    remembered = is_whole and remember(session, target, submission, judgement)
    if not wishes.as_json:
        click.echo(session.out.wrap(_next_step(session, target, judgement, remembered)))
    return exit_code(judgement)


def judge_aloud(
    session: Session, judge: Judge, target: Target, submission: Submission, suite: Path | None = None
) -> Judgement:
    """Judge, and tell it as it goes: each check when it is done, then what was wrong, then the sum.

    Stages after the first that is not met are not shown: one step at a time.
    """
    from grader.report.terminal import check_line, explanations, heading, summary

    look, kata, out = session.out, with_suite(target.kata, suite), sys.stdout
    unmet: list[int] = []

    def tell(check: CheckResult) -> None:
        if not unmet or check.stage <= min(unmet):
            click.echo(check_line(check, look), file=out)  # while it judges, the judge has sys.stdout
        if not check.passed:
            unmet.append(check.stage)

    click.echo(heading(kata.number, kata.title, look))
    judgement = judge.judge(kata, submission, on_check=tell)
    if judgement.verdict is Verdict.UNTOUCHED:
        click.echo(look.wrap(judgement.checks[0].rationale or ""))
        return judgement
    source = submission.source.decode("utf-8", "replace")
    shown = tuple(check for check in judgement.checks if check.stage <= (judgement.stage or check.stage))
    if explained := explanations(replace(judgement, checks=shown), source, look):
        click.echo(explained)
    click.echo("\n" + summary(judgement, look))
    return judgement


def _next_step(session: Session, target: Target, judgement: Judgement, remembered: bool) -> str:
    """What to type next. A run that is not remembered has no timeline, and opens no solutions."""
    kata = target.kata
    if judgement.verdict is Verdict.JUDGE_ERROR:
        return f"Please report this, with what `kata check {kata.number}{target.option} --pytest` prints."
    if judgement.verdict is Verdict.UNTOUCHED:
        return f"Next: `kata show {kata.number}` says what to do with it."
    if judgement.accepted:
        return _after_acceptance(session, kata)
    drawn = f", `kata timeline {kata.number}`" if remembered else ""
    return f"Next: `kata hint {kata.number}`, `kata show {kata.number}`{drawn}."


def _after_acceptance(session: Session, kata: Kata) -> str:
    """The next open kata, and other ways to do this one."""
    here, advised, is_done = session.workspace_here, [], False
    if here is not None and here.is_there:
        progress = here.progress()
        is_done = progress.of(kata).state == "accepted"
        following = progress.next_kata(other for other in session.catalog if other != kata)
        if following is not None:
            advised.append(f"`kata show {following.number}` ({following.title})")
        elif is_done:
            return "That was the last one: every kata is accepted."
    if answers(kata):
        advised.append(f"`kata solution {kata.number}{'' if is_done else ' --spoil'}` shows other ways")
    return f"Next: {'; '.join(advised) or '`kata list`'}."


def _write_files(wishes: Wishes, submission: Submission, judgement: Judgement) -> None:
    if wishes.html:
        source = submission.source.decode("utf-8", "replace")
        write_html(wishes.html, judgement, source)
    if wishes.trace:
        write_chrome_trace(wishes.trace, judgement)
    if wishes.junit:
        write_junit(wishes.junit, [judgement])


# -- all -------------------------------------------------------------------------------------------
def _check_all(session: Session, judge: Judge, suite: Path | None, wishes: Wishes) -> int:
    """Every kata in turn. One whose file is missing is said and counts as not accepted."""
    from grader.report.terminal import summary

    judgements: list[Judgement] = []
    missing = 0
    for kata in session.catalog:
        target = Target(kata=kata, file=session.workspace.file(kata), from_init=True)
        try:
            submission = target.submission()
        except BadInput as error:
            missing += 1
            say_aside(str(error))
            continue
        judgement = judge.judge(with_suite(kata, suite), submission)
        judgements.append(judgement)
        if suite is None and not wishes.replays:
            remember(session, target, submission, judgement)
        if not wishes.as_json:
            click.echo(f"{kata.number:>2} {kata.slug:<22} {summary(judgement, session.out)}")
    if wishes.as_json:
        click.echo(json.dumps([judgement.as_json() for judgement in judgements], indent=2))
    if wishes.junit:
        write_junit(wishes.junit, judgements)
    return max(map(exit_code, judgements), default=0) or (1 if missing else 0)
