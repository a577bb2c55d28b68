"""A small folder of katas, a workspace made of it, and a judge that needs no guest.

The fake judge reads its verdict out of the source: `gather` is accepted, `forever` is a deadlock, `oops`
is our own error, `instant` takes no time at all, anything else waits in a loop. The real one has its own
tests.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

import grader.grading.run as grade_module
import grader.judge
from grader.cli import cli
from grader.cli.session import Session
from grader.errors import IsolationRefused
from grader.judge import ScriptRun, SuiteTrial
from grader.records import (
    CheckResult,
    Exchange,
    History,
    Isolation,
    Judgement,
    Kata,
    Record,
    Span,
    Submission,
    Timeline,
    Verdict,
)

FAKES = Path(__file__).parent.parent / "doubles"
SECOND = 1_000_000_000
STUB = "def read_all(names):\n    return [read(name) for name in names]\n"
SOLVED = "import asyncio\n\nasync def read_all(names):\n    return await asyncio.gather(*map(read, names))\n"
HINTS = "# Hints\n\n## A nudge\nOne.\n\n## The way\nTwo.\n\n## Nearly there\nThree.\n"


def add_kata(folder: Path, number: int, slug: str, **says: Any) -> Path:
    """One kata's folder with all that belongs in it."""
    home = folder / f"{number:02d}_{slug}"
    home.mkdir(parents=True)
    keys = {"title": slug.replace("_", " ").capitalize(), "unit": 1, "entry_points": ["read_all"], **says}
    home.joinpath("kata.toml").write_text("".join(f"{key} = {value!r}\n" for key, value in keys.items()))
    home.joinpath("README.md").write_text(f"# {keys['title']}\n\nMake it *overlap*.\n")
    home.joinpath("hints.md").write_text(HINTS)
    home.joinpath("stub.py").write_text(STUB)
    suites = folder.parent / "suites"
    suites.mkdir(exist_ok=True)
    suites.joinpath(f"test_{home.name}.py").write_text('"""A suite."""\n')
    return home


@pytest.fixture
def katas(tmp_path: Path) -> Path:
    folder = tmp_path / "course" / "katas"
    add_kata(folder, 1, "first_coroutine", concepts=["coroutine"])
    add_kata(folder, 4, "gather_readings", concepts=["gather", "order"], after=["first_coroutine"])
    add_kata(folder, 7, "task_group", unit=2, concepts=["TaskGroup"])
    return folder


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that commands run in; not a workspace before `kata init`."""
    folder = tmp_path / "practice"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for variable in ("VISUAL", "EDITOR", "KATA_KATAS", "KATA_DEBUG", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    return folder


class Clock:
    """The time of day that progress is given."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kata(katas: Path, workspace: Path, clock: Clock, judge: type[FakeJudge]) -> Callable[..., Result]:
    """Runs `kata ARGUMENTS` in the workspace, with the fake judge."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, arguments, obj=Session(katas, now=clock), prog_name="kata")

    return run


@pytest.fixture
def ready(kata: Callable[..., Result], workspace: Path) -> Path:
    """The same folder after `kata init`."""
    assert kata("init").exit_code == 0
    return workspace


class Options(Record, frozen=True):
    seed: int = 0
    fault: str | None = None
    clock: str = "virtual"
    isolation: str = "best"
    suite: Path | None = None
    explain: bool = True
    draw_passed: bool = False


class FakeJudge:
    """The judge's interface over a table of words."""

    seen: ClassVar[list[tuple[Options, Kata, Submission]]] = []

    def __init__(self, options: Options) -> None:
        self.options = options

    def __enter__(self) -> Self:
        if self.options.isolation == "full":
            raise IsolationRefused("Landlock is missing.", advice="Use --isolation best.")
        return self

    def __exit__(self, *raised: object) -> None:
        pass

    def judge(
        self, kata: Kata, submission: Submission, on_check: Callable[[CheckResult], None] | None = None
    ) -> Judgement:
        self.seen.append((self.options, kata, submission))
        checks = (_right(), _overlap(submission.source.decode("utf-8", "replace"), self.options.draw_passed))
        for check in checks:
            if on_check:
                on_check(check)
        return judgement(kata, submission, checks, self.options.seed)


def judgement(kata: Kata, submission: Submission, checks: tuple[CheckResult, ...], seed: int) -> Judgement:
    return Judgement(
        number=kata.number,
        slug=kata.slug,
        title=kata.title,
        seed=seed,
        checks=checks,
        isolation=Isolation.PARTIAL,
        isolation_missing=("no Landlock",),
        elapsed_wall_ms=12,
        python="3.11.7",
        grader="0.1.0",
        suite_digest="d",
        submission_sha256=submission.sha256,
    )


def _right() -> CheckResult:
    return CheckResult(
        id="test_right",
        title="Every reading comes back",
        verdict=Verdict.ACCEPTED,
        points=1,
        max_points=1,
        elapsed_virtual_ns=2 * SECOND,
    )


def _overlap(source: str, draw_passed: bool) -> CheckResult:
    words = {"gather": Verdict.ACCEPTED, "forever": Verdict.DEADLOCK, "oops": Verdict.JUDGE_ERROR}
    verdict = next((verdict for word, verdict in words.items() if word in source), Verdict.NOT_CONCURRENT)
    passed = verdict is Verdict.ACCEPTED
    drawn = _timeline(0, 0 if passed else SECOND) if draw_passed or not passed else None
    if "instant" in source:
        drawn = Timeline(spans=(), makespan_ns=0, peak_in_flight=0)
    return CheckResult(
        id="test_requests_overlap",
        title="All requests are in flight together",
        verdict=verdict,
        points=2 if passed else 0,
        max_points=2,
        elapsed_virtual_ns=SECOND if passed else 2 * SECOND,
        best_virtual_ns=SECOND,
        peak_in_flight=2 if passed else 1,
        rationale=None if passed else "The second request was sent after the first was answered.",
        line=None if passed else 2,
        output="" if passed else "reading oslo\n",
        timeline=drawn,
        best=_timeline(0, 0) if drawn else None,
    )


def _timeline(*starts: int) -> Timeline:
    spans = [
        Span(lane=f"station-{place}", kind="request", start_ns=start, end_ns=start + SECOND)
        for place, start in enumerate(starts)
    ]
    return Timeline(
        spans=tuple(spans), makespan_ns=max(starts) + SECOND, peak_in_flight=2 - len(set(starts)) + 1
    )


def run_script(kata: Kata, submission: Submission, **wishes: Any) -> ScriptRun:
    """As `grader.judge.run_script`: two stations of a second each, overlapped if the source says gather."""
    on_print = wishes.get("on_print", lambda at_ns, stream, text: None)
    if b"instant" in submission.source:
        return ScriptRun(
            elapsed_virtual_ns=0, best_virtual_ns=SECOND, failure=None, line=None, history=History()
        )
    overlapped = b"gather" in submission.source
    starts = (0, 0) if overlapped else (0, SECOND)
    ends_ns = max(starts) + SECOND
    for start, name in zip(starts, ("oslo", "quito"), strict=True):
        on_print(start + SECOND, "stdout", f"{name}: ")
        on_print(ends_ns, "stdout", "warm\x1b[2J\n")
    on_print(ends_ns, "stderr", "that was all")
    exchanges = tuple(
        Exchange(host=f"station-{place}", label="temperature?", start_ns=start, end_ns=start + SECOND)
        for place, start in enumerate(starts)
    )
    failed = b"oops" in submission.source
    return ScriptRun(
        elapsed_virtual_ns=ends_ns,
        best_virtual_ns=SECOND,
        failure="ValueError: oops" if failed else None,
        line=1 if failed else None,
        history=History(exchanges=exchanges),
    )


def try_suite(path: Path) -> SuiteTrial:
    """As `grader.judge.try_suite`: a suite says in its first line what is wrong with it."""
    first = path.read_text().partition("\n")[0]
    return SuiteTrial(first.removeprefix("# broken: ") if first.startswith("# broken: ") else "")


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> type[FakeJudge]:
    """Put the fake in the place of `grader.judge`'s names; returns its class, for what it has `seen`."""
    monkeypatch.setattr(FakeJudge, "seen", [])
    monkeypatch.setattr(grader.judge, "Options", Options, raising=False)
    monkeypatch.setattr(grader.judge, "Judge", FakeJudge, raising=False)
    monkeypatch.setattr(grader.judge, "demo_figures", lambda kata: (10 * SECOND, SECOND), raising=False)
    monkeypatch.setattr(grader.judge, "run_script", run_script, raising=False)
    monkeypatch.setattr(grader.judge, "run_pytest", lambda *given: 1, raising=False)
    monkeypatch.setattr(grader.judge, "try_suite", try_suite)
    return FakeJudge


# -- grading a class ---------------------------------------------------------------------------------
@pytest.fixture
def school_class(tmp_path: Path) -> Path:
    """Two students; the fake judge does what a submission's first line says."""
    for place, source in {
        "alice/1.py": "# accept",
        "alice/4.py": "# reject",
        "bob/4.py": "# accept\n# bob",
    }.items():
        path = tmp_path / "class" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return tmp_path / "class"


@pytest.fixture
def run(tmp_path: Path, katas: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs a command in an empty folder, with the fake judge and the test's katas."""
    real = grade_module.grade
    monkeypatch.setattr(
        grade_module,
        "grade",
        lambda request, tell: real(replace(request, judge="fake_judge:FakeJudge"), tell),
    )
    monkeypatch.setenv("PYTHONPATH", str(FAKES))
    monkeypatch.syspath_prepend(str(FAKES))
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> Result:
        given = ["--katas", str(katas), *map(str, arguments)]
        return CliRunner().invoke(cli, given, catch_exceptions=False)

    return command
