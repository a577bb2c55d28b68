"""`kata doctor`: what this machine has and lacks, and what to do about each."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
from collections.abc import Iterator

import click

from grader import __version__
from grader.cli.errors import exits
from grader.cli.open import editor_command
from grader.cli.session import Session, pass_session
from grader.errors import KataError
from grader.pythons import supported_range
from grader.records import Isolation, Judgement, Record, Submission, Verdict
from grader.report.look import Look, clean_line

_PACKAGES = ("click", "msgspec", "pytest", "pytest-asyncio", "pytest-timeout", "rich")
_EXTRAS = {"ruff": "advice from the coach", "distributed": "grading on many machines"}
_INSTALL = "`pip install {}` into this Python."


class Finding(Record, frozen=True):
    """One thing that was looked at. `grave` ones keep katas from being judged."""

    what: str
    found: str
    well: bool
    grave: bool = False
    advice: str = ""


@click.command("doctor")
@pass_session
@exits
def command(session: Session) -> int:
    """Check Python, packages, sandbox, terminal and workspace.

    Each problem comes with what to do about it. Exit code: 1 if katas cannot be judged.
    """
    look, ill = session.out, False
    for finding in findings(session):
        ill = ill or (finding.grave and not finding.well)
        for line in _lines(finding, look):
            click.echo(line)
    return 1 if ill else 0


def findings(session: Session) -> Iterator[Finding]:
    """Everything that is looked at, in order; the judge's own part takes the longest and is last."""
    yield _python()
    yield from map(_package, _PACKAGES)
    yield from (_extra(name, use) for name, use in _EXTRAS.items())
    yield from _katas_packages(session)
    yield _terminal(session.out)
    yield _editor()
    yield _workspace(session)
    yield from _judging(session)


def _python() -> Finding:
    found = f"{platform.python_implementation()} {platform.python_version()}, grader {__version__}"
    return Finding(what="Python", found=f"{found} (tested on {supported_range()})", well=True)


def _package(name: str) -> Finding:
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(what=name, found="missing", well=False, grave=True, advice=_INSTALL.format(name))
    return Finding(what=name, found=found, well=True, grave=True)


def _extra(name: str, use: str) -> Finding:
    try:
        return Finding(what=name, found=importlib.metadata.version(name), well=True)
    except importlib.metadata.PackageNotFoundError:
        return Finding(what=name, found=f"not installed; only for {use}", well=True)


def _katas_packages(session: Session) -> Iterator[Finding]:
    for kata in session.catalog:
        for name in kata.requires:
            if importlib.util.find_spec(name) is None:
                advice = f"`pip install {name}` into this Python."
                yield Finding(
                    what=name, found=f"missing; kata {kata.number} needs it", well=False, advice=advice
                )


def _terminal(look: Look) -> Finding:
    found = f"{look.width} columns, {'colour' if look.colour else 'no colour'}"
    signs = "all signs" if look.unicode else "plain signs"
    advice = "Set PYTHONUTF8=1 (or a UTF-8 locale) for the signs and lanes as they are meant."
    return Finding(what="terminal", found=f"{found}, {signs}", well=look.unicode, advice=advice)


def _editor() -> Finding:
    editor = editor_command()
    found = " ".join(editor) if editor else "none known"
    return Finding(what="editor", found=found, well=bool(editor), advice="Set $EDITOR for `kata open`.")


def _workspace(session: Session) -> Finding:
    here = session.workspace_here
    found = str(here.root) if here else "none here or above"
    return Finding(what="workspace", found=found, well=here is not None, advice="`kata init` makes one.")


# -- judging ---------------------------------------------------------------------------------------
def _judging(session: Session) -> Iterator[Finding]:
    """A real judgement of the first stub: the isolation is reported as it was reached, not as promised."""
    try:
        judgement = _trial(session)
    except KataError as error:
        yield Finding(what="judge", found=error.message, well=False, grave=True, advice=error.advice)
        return
    if judgement is None:
        yield Finding(what="judge", found="no kata to try it on", well=False, grave=True)
        return
    broken = judgement.verdict in (Verdict.JUDGE_ERROR, Verdict.STALLED)
    found = f"kata {judgement.number} judged in {judgement.elapsed_wall_ms} ms"
    advice = f"Please report what `kata check {judgement.number} --pytest` prints."
    yield Finding(what="judge", found=found, well=not broken, grave=True, advice=advice)
    yield _isolation(judgement)


def _trial(session: Session) -> Judgement | None:
    from grader.catalog import stub
    from grader.judge import Judge, Options

    kata = next((kata for kata in session.catalog if kata.suite.is_file()), None)
    if kata is None:
        return None
    begun = stub(kata) + "\n# begun\n"  # As it is, it would be called untouched and not be judged.
    with Judge(Options()) as judge:
        return judge.judge(kata, Submission(source=begun.encode(), filename=f"{kata.slug}.py"))


def _isolation(judgement: Judgement) -> Finding:
    missing = "; ".join(judgement.isolation_missing)
    return Finding(
        what="isolation",
        found=judgement.isolation.value + (f": {missing}" if missing else ""),
        well=judgement.isolation is Isolation.FULL,
        advice="Enough for your own code; `kata grade` asks for full, which needs Linux 5.13 or newer.",
    )


def _lines(finding: Finding, look: Look) -> Iterator[str]:
    sign, style = ("✓", "good") if finding.well else ("✗", "bad") if finding.grave else ("!", "warn")
    found = clean_line(finding.found)
    yield f"{look.paint(look.glyphs(sign), style)} {finding.what:<15} {found}"
    if finding.advice and not finding.well:
        yield look.wrap(finding.advice, " " * 18)
