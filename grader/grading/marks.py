"""From the store to marks: for each student and kata the attempt that counts and what it is worth.

Nothing here is stored. A deadline that moves, a weight or an extension changes what comes out of
here, from the same raw scores.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec.structs import replace

from grader.errors import BadInput
from grader.grading.policy import Policy
from grader.intake import Problem, Student
from grader.intake.bounds import bounded
from grader.records import Judgement, Kata, Record, Verdict

if TYPE_CHECKING:
    from grader.grading.store import Attempt, Store


class Mark(Record, frozen=True):
    """What one student has for one kata. `judgement` is None where nothing was judged.

    What was not judged, by our error or not yet, has no score and no mark. That is no zero: it is left out
    of totals, and what the kata is worth stays.
    """

    student_id: str
    slug: str
    attempt: Attempt
    attempts: int
    judgement: Judgement | None
    raw: float | None
    max_raw: float
    """Of the judgement; where there is none, of those of others."""
    worth: float
    """What the kata is worth under the policy."""
    points: float | None
    """The mark under the policy; None where nothing was judged."""
    penalty_percent: float = 0
    late_by_s: float = 0
    """Seconds after the due time; 0 where only a flag says that it was late."""
    late: bool = False

    @property
    def verdict(self) -> Verdict | None:
        """The kata's verdict, None where nothing was judged."""
        return self.judgement.verdict if self.judgement else None


class Ledger(Record, frozen=True):
    """A class's marks. `katas` are those that anybody handed in, and those that a run named, in order."""

    katas: tuple[Kata, ...]
    students: tuple[Student, ...]
    marks: dict[tuple[str, str], Mark]
    """(student's id, slug): the mark. What is missing was not handed in."""
    named: frozenset[str] = frozenset()
    """Slugs of the katas that a run named: they count though nobody may have handed them in."""
    worths: Mapping[str, float] = {}
    """Slug: what the kata is worth to who has no mark for it."""
    problems: tuple[Problem, ...] = ()
    """What an instructor has to know of: files, hand-ins withdrawn, judgements to look at."""

    def of(self, student: Student) -> Iterator[tuple[Kata, Mark | None]]:
        """The student's marks, a kata at a time, None where nothing was handed in."""
        for kata in self.katas:
            yield kata, self.marks.get((student.id, kata.slug))

    def is_unjudged(self, student: Student) -> bool:
        """Whether there is no mark at all for what the student handed in: a total of 0 would be none."""
        marks = [mark for _, mark in self.of(student) if mark is not None]
        return bool(marks) and all(mark.points is None for mark in marks)

    def total(self, student: Student) -> float:
        """The sum of the student's marks."""
        return rounded(sum(mark.points or 0 for _, mark in self.of(student) if mark))

    @property
    def waiting(self) -> int:
        """How many of the hand-ins that count have not been judged yet: a run was stopped."""
        return sum(mark.judgement is None for mark in self.marks.values())

    def without_mark(self, student: Student, slugs: Collection[str] | None = None) -> tuple[str, ...]:
        """The katas (of these, if any are named) that the student handed in and that were not judged."""
        return tuple(
            kata.slug
            for kata, mark in self.of(student)
            if mark is not None and mark.points is None and (slugs is None or kata.slug in slugs)
        )

    def worth(self, slug: str) -> float:
        """What the kata is worth."""
        marks = (mark.worth for (_, of), mark in self.marks.items() if of == slug)
        return max(marks, default=self.worths.get(slug, 0))


def make_ledger(store: Store, katas: Sequence[Kata], policy: Policy) -> Ledger:
    """All marks of the store for these katas, under the policy."""
    by_slug = {kata.slug: kata for kata in katas}
    students, graded = store.students(), store.graded()
    possible = {slug: kata.points for slug, kata in graded.items()}
    people = {student.id: student for student in students}
    marks: dict[tuple[str, str], Mark] = {}
    named = frozenset(slug for slug, kata in graded.items() if kata.named)
    seen = set(named)
    grouped = groupby(store.attempts(), key=lambda attempt: (attempt.student_id, attempt.slug))
    for (student_id, slug), attempts in grouped:
        if slug in by_slug:
            seen.add(slug)
            student = people[student_id]
            marks[student_id, slug] = _counting(store, policy, student, attempts, possible.get(slug, 0))
    return Ledger(
        katas=tuple(kata for kata in katas if kata.slug in seen),
        students=tuple(students),
        marks=marks,
        named=named,
        worths={slug: policy.worth(slug, points) for slug, points in possible.items()},
        problems=tuple(bounded(_problems(store, by_slug))),
    )


def unknown_katas(store: Store, katas: Sequence[Kata]) -> list[str]:
    """Slugs that hand-ins of the store are for and that are none of these katas."""
    known = {kata.slug for kata in katas}
    named = {slug for slug, kata in store.graded().items() if kata.named}
    return sorted(({attempt.slug for attempt in store.attempts()} | named) - known)


def refuse_unknown(store: Store, katas: Sequence[Kata]) -> None:
    """Raises BadInput for a store with marks for katas that are none of these: they would be missing."""
    unknown = unknown_katas(store, katas)
    if unknown:
        raise BadInput(
            f"The store {store.path} has marks for katas that are not here: {', '.join(unknown)}.",
            advice="Add --katas DIR as when it was graded, or choose the katas to report with --kata.",
        )


def _problems(store: Store, katas: Mapping[str, Kata]) -> Iterator[Problem]:
    """What a run over the store told, and would tell again."""
    yield from store.problems()
    for withdrawn in store.withdrawn():
        if withdrawn.slug in katas:
            yield withdrawn.problem
    for notice in store.notices():
        if notice.slug in katas:
            yield problem_of(katas[notice.slug], notice.students, notice.why)


def problem_of(kata: Kata, students: Sequence[str], why: str) -> Problem:
    """A judgement that an instructor has to look at, as they are told of it."""
    return Problem(path=f"{kata.name} of {', '.join(students)}", why=why, student_id=students[0])


def _counting(
    store: Store, policy: Policy, student: Student, attempts: Iterable[Attempt], possible: float
) -> Mark:
    """The mark of the attempt that counts: the last, or the best one, the later of equals."""
    all_of_them = list(attempts)
    asked = all_of_them if policy.submission == "best" else all_of_them[-1:]
    count = len({(attempt.sha256, attempt.source_path) for attempt in all_of_them})
    marks = [_mark(store, policy, student, attempt, count, possible) for attempt in asked]
    return max(reversed(marks), key=lambda mark: -1 if mark.points is None else mark.points)


def _mark(
    store: Store, policy: Policy, student: Student, attempt: Attempt, attempts: int, possible: float
) -> Mark:
    judgement = _without_timelines(store.current_judgement(attempt.slug, attempt.sha256))
    raw, points, max_raw = None, None, possible
    late_by, penalty = _lateness(policy, student, attempt)
    if judgement is not None and judgement.verdict is not Verdict.JUDGE_ERROR:
        raw, max_raw = judgement.points, judgement.max_points
    worth = policy.worth(attempt.slug, max_raw)
    if raw is not None:
        points = rounded(worth * (raw / max_raw if max_raw else 0) * (1 - penalty / 100))
    return Mark(
        student_id=student.id,
        slug=attempt.slug,
        attempt=attempt,
        attempts=attempts,
        judgement=judgement,
        raw=raw,
        max_raw=max_raw,
        worth=worth,
        points=points,
        penalty_percent=penalty,
        late_by_s=late_by.total_seconds(),
        late=bool(late_by) or attempt.late,
    )


def _without_timelines(judgement: Judgement | None) -> Judgement | None:
    """Timelines are most of a judgement's size; a class's marks do without, a student's page reads them."""
    if judgement is None:
        return None
    checks = tuple(replace(check, timeline=None, best=None, output="") for check in judgement.checks)
    return replace(judgement, checks=checks)


def _lateness(policy: Policy, student: Student, attempt: Attempt) -> tuple[timedelta, float]:
    """(by how much, percent off). A time that is known decides; a flag does only without one."""
    names = [name for name in (student.id, student.email, student.lms_id) if name]
    due = policy.due_for(attempt.slug, names)
    if due is None or attempt.submitted_at is None:
        return timedelta(0), policy.late.flagged_percent if attempt.late else 0
    late_by = max(policy.zoned(attempt.submitted_at) - due, timedelta(0))
    return late_by, policy.penalty(late_by)


def rounded(points: float) -> float:
    """To two places, halves up, as people do it."""
    return float(Decimal(repr(points)).quantize(Decimal("0.01"), ROUND_HALF_UP))
