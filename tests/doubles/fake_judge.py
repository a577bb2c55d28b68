"""A judge that does what the submission's first line tells it, for testing all that is around judging.

`# accept`, `# reject`, `# break` (the judge raises), `# die` (its process ends), `# die once FILE`,
`# kill` and `# crash` (its process is ended by a signal), `# kill once FILE`, `# eat` (it runs out of
memory), `# eat unnoticed` (it says so only beside its judgement), `# hang` (asleep), `# spin` (at work),
`# go on` (tells of its progress), `# print`. Anything else is a wrong answer. It notes what it begins and
ends in the file FAKE_JUDGE_DIARY. It is itself tested in `test_fake_judge.py`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

import grader
from grader.errors import BadInput
from grader.records import (
    CheckResult,
    Isolation,
    Judgement,
    Kata,
    Record,
    Span,
    Submission,
    Timeline,
    Verdict,
)


class Options(Record, frozen=True):
    """As `grader.judge.Options`."""

    seed: int = 0
    clock: str = "virtual"
    isolation: str = "best"
    suite: Path | None = None
    explain: bool = True


class FakeJudge:
    """As `grader.judge.Judge`, without judging."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.on_progress: Callable[[], None] = lambda: None
        self.out_of_memory = False
        if os.environ.get("FAKE_JUDGE_REFUSES"):
            raise BadInput("The fake judge refuses.", advice="Ask another.")

    def __enter__(self) -> FakeJudge:
        return self

    def __exit__(self, *reason: object) -> None:
        note = os.environ.get("FAKE_JUDGE_LEFT")
        if note:
            Path(note).write_text("in order")

    def judge(self, kata: Kata, submission: Submission, *, seed: int | None = None) -> Judgement:
        """What the first line asks for."""
        order = submission.source.decode("utf-8", "replace").partition("\n")[0].split()[1:]
        self._note("begin", order)
        made = self._judged(order, kata, submission, seed)
        self._note("end", order)
        return made

    def _note(self, what: str, order: list[str]) -> None:
        if diary := os.environ.get("FAKE_JUDGE_DIARY"):
            with Path(diary).open("a") as notes:
                notes.write(f"{what} {' '.join(order)}\n")

    def _judged(self, order: list[str], kata: Kata, submission: Submission, seed: int | None) -> Judgement:
        self.out_of_memory = order == ["eat", "unnoticed"]
        match order:
            case ["break"]:
                raise RuntimeError("the suite is broken")
            case ["die"]:
                os._exit(7)
            case ["die", "once", note] if not Path(note).exists():
                Path(note).write_text("died")
                os._exit(7)
            case ["kill"]:
                os.kill(os.getpid(), signal.SIGKILL)
            case ["kill", "once", note] if not Path(note).exists():
                Path(note).write_text("killed")
                os.kill(os.getpid(), signal.SIGKILL)
            case ["crash"]:
                os.kill(os.getpid(), signal.SIGSEGV)
            case ["eat"]:
                raise MemoryError
            case ["spin"]:
                while True:
                    pass
            case ["go", "on"]:
                self.on_progress()
            case ["hang"]:
                threading.Event().wait()
            case ["print"]:
                sys.stdout.write("a suite prints\n" * 10_000)
                sys.stdout.flush()
        accepted = order in (["accept"], ["print"], ["go", "on"]) or order[1:2] == ["once"]
        made = judgement(kata, submission, self.options.seed if seed is None else seed, accepted=accepted)
        if os.environ.get("FAKE_JUDGE_POINTS") == "none":
            lost = [
                msgspec.structs.replace(item, verdict=Verdict.NOT_LOADABLE, points=0) for item in made.checks
            ]
            made = msgspec.structs.replace(made, checks=tuple(lost))
        if os.environ.get("FAKE_JUDGE_STALLS") and not accepted:
            stalled = tuple(
                item if item.passed else msgspec.structs.replace(item, verdict=Verdict.STALLED)
                for item in made.checks
            )
            made = msgspec.structs.replace(made, checks=stalled)
        if level := os.environ.get("FAKE_JUDGE_ISOLATION"):
            return msgspec.structs.replace(
                made, isolation=Isolation(level), isolation_missing=("the fake has none",)
            )
        return made


def suite_digest(kata: Kata, suite: Path | None = None) -> str:
    """As `grader.judge.suite_digest`: follows the suite's bytes."""
    path = suite or kata.suite
    return hashlib.sha256(path.read_bytes() if path.is_file() else kata.slug.encode()).hexdigest()


POINTS = 3
"""What every kata is worth, as `judgement` gives them out."""


def try_suite(path: Path) -> tuple[str, float]:
    """As `grader.judge.try_suite`: a suite's first line may say what is wrong with it."""
    first = path.read_text().partition("\n")[0] if path.is_file() else ""
    return (first.removeprefix("# broken: ") if first.startswith("# broken: ") else ""), POINTS


def judgement(
    kata: Kata, submission: Submission, seed: int = 1, *, accepted: bool, verdict: Verdict | None = None
) -> Judgement:
    """Two checks, the second failed with a timeline unless accepted."""
    verdict = verdict or (Verdict.ACCEPTED if accepted else Verdict.NOT_CONCURRENT)
    lanes = (Span(lane="read_all", kind="waiting", start_ns=0, end_ns=2_000_000_000, line=2),)
    return Judgement(
        number=kata.number,
        slug=kata.slug,
        title=kata.title,
        seed=seed,
        checks=(
            CheckResult(
                id="test_order", title="Order is kept", verdict=Verdict.ACCEPTED, points=1, max_points=1
            ),
            CheckResult(
                id="test_overlap",
                title="All requests are in flight together",
                verdict=verdict,
                points=2 if accepted else 0,
                max_points=2,
                rationale=None if accepted else "One at a time: 1 < 2 & <b>never</b> more.",
                line=None if accepted else 2,
                misconception=None if accepted else "awaited_in_a_loop",
                elapsed_virtual_ns=2_000_000_000,
                timeline=None if accepted else Timeline(spans=lanes, makespan_ns=2_000_000_000),
            ),
        ),
        isolation=Isolation.FULL,
        elapsed_wall_ms=3,
        python=platform.python_version(),
        grader=grader.__version__,
        suite_digest=suite_digest(kata),
        submission_sha256=submission.sha256,
    )
