"""What of a policy did nothing to this class: an instructor should not have to find it out by the marks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from grader.grading.marks import Ledger, Mark
from grader.grading.policy import DEFAULT, Extension, Policy
from grader.intake import Student


def policy_notes(policy: Policy, ledger: Ledger) -> list[str]:
    """A line for each part that did nothing; none for a policy that did all that it says."""
    named = {student.id: _names(student) for student in ledger.students}
    due: list[Mark] = []
    free: list[Mark] = []
    for mark in ledger.marks.values():
        known = policy.due_for(mark.slug, named.get(mark.student_id, []))
        (free if known is None else due).append(mark)
    untimed = [mark for mark in due if mark.attempt.submitted_at is None]
    return [
        *_strangers(policy, named),
        *_unused(policy, {kata.slug for kata in ledger.katas}),
        *_untimed(policy, due, untimed),
        *_flagged(policy, [*free, *untimed]),
    ]


def _names(student: Student) -> list[str]:
    return [name for name in (student.id, student.email, student.lms_id) if name]


def _strangers(policy: Policy, named: dict[str, list[str]]) -> Iterator[str]:
    known = {name.casefold() for names in named.values() for name in names}
    for name in policy.extensions:
        if name.casefold() not in known:
            yield f"the extension of {name!r} has no effect: no student has that id or e-mail"


def _unused(policy: Policy, handed_in: Collection[str]) -> Iterator[str]:
    """Katas that a table names and that this class has no marks for."""
    tables = {"points": policy.points, "due": policy.due}
    tables |= {f"extensions.{name!r}": given for name, given in policy.extensions.items()}
    for table, given in tables.items():
        unused = sorted(set(given) - {DEFAULT, *handed_in})
        if unused:
            yield f"[{table}] has no effect for {', '.join(unused)}: there is no submission for it"


def _untimed(policy: Policy, due: list[Mark], untimed: list[Mark]) -> Iterator[str]:
    """Due dates need times of hand-ins, and percents need due dates."""
    if not policy.due and any(_hours(given) for given in policy.extensions.values()):
        yield "hours in [extensions] have no effect without a time in [due]"
    if policy.late.percent and not _has_times(policy):
        yield "late.percent has no effect without a time in [due]"
    if untimed and len(untimed) == len(due):
        yield "[due] has no effect: no submission has a timestamp"
    elif untimed:
        yield f"[due] has no effect on {len(untimed)} of {len(due)} submissions: no timestamp"


def _hours(given: Mapping[str, Extension]) -> bool:
    return any(isinstance(value, int | float) and value for value in given.values())


def _has_times(policy: Policy) -> bool:
    tables = [policy.due, *policy.extensions.values()]
    return any(isinstance(value, datetime) for table in tables for value in table.values())


def _flagged(policy: Policy, without: list[Mark]) -> Iterator[str]:
    """Called late by the learning system, at no known time or for no known due time."""
    count = sum(mark.attempt.late for mark in without)
    submissions = "1 submission" if count == 1 else f"{count} submissions"
    if count and policy.late.percent and not policy.late.flagged_percent:
        yield (
            f"late.percent has no effect on {submissions} that the learning system calls late:"
            " without a timestamp, late.flagged_percent counts"
        )
