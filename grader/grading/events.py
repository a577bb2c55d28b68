"""What a run of grading tells while it goes on, and what it says at its end."""

from __future__ import annotations

from grader.intake.handins import Problem, Student
from grader.records import Record, Verdict


class Planned(Record, frozen=True):
    """All that was handed in is recorded; this is what is left to judge."""

    format: str
    students: int
    handins: int
    to_judge: int
    """Submissions; the same bytes handed in by several are one."""
    known: int
    """Submissions that were judged before by the same suite, grader and seed, and are not again."""
    engine: str
    missing: tuple[Student, ...]


class Noticed(Record, frozen=True):
    """Something that the instructor has to know of: one line."""

    problem: Problem


class Judged(Record, frozen=True):
    """One submission has its judgement, and the store has it on the disk."""

    slug: str
    students: tuple[str, ...]
    verdict: Verdict
    points: float
    max_points: float
    done: int
    total: int


class Summary(Record, frozen=True):
    """A run's end."""

    handins: int
    """In question: each file of each student."""
    judged: int
    """Submissions; the same bytes handed in by several are one. So is `known`."""
    known: int
    verdicts: dict[str, int]
    """Of the hand-ins in question, judged now or before, by verdict."""
    isolation: dict[str, int]
    problems: int
    """Lines told: of files, of hand-ins withdrawn, of judgements to look at."""
    waiting: int
    """Hand-ins out of the run's scope that do not count yet."""
    missing: tuple[Student, ...]
    seed: int | None
    """What all were judged with, if one was given; None where each has its own."""

    @property
    def errors(self) -> int:
        """Submissions without a judgement, by our fault; the next run judges them again."""
        return self.verdicts.get(Verdict.JUDGE_ERROR.value, 0)


Event = Planned | Noticed | Judged
