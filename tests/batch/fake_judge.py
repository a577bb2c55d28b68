"""A judge that does what the submission's first line tells it, for testing all that is around judging.

`# accept`, `# reject`, `# break` (the judge raises), `# die` (its process ends), `# die once FILE`,
`# hang`, `# print`. Anything else is a wrong answer. It is itself tested in `test_batch_fake_judge.py`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import threading
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
        match order:
            case ["break"]:
                raise RuntimeError("the suite is broken")
            case ["die"]:
                os._exit(7)
            case ["die", "once", note] if not Path(note).exists():
                Path(note).write_text("died")
                os._exit(7)
            case ["hang"]:
                threading.Event().wait()
            case ["print"]:
                sys.stdout.write("a suite prints\n" * 10_000)
                sys.stdout.flush()
        accepted = order in (["accept"], ["print"]) or order[:2] == ["die", "once"]
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
