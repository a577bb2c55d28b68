"""A class as data, and what can be counted of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from grader.records import Judgement, Record, Verdict

BANDS = 10


class Column(Record, frozen=True):
    """One kata of the class."""

    number: int
    slug: str
    title: str
    worth: float


class Result(Record, frozen=True):
    """What one student has for one kata."""

    judgement: Judgement | None
    points: float | None
    """None where it could not be judged, or is not yet."""
    worth: float
    lateness: str = ""
    """In words: `3 h late: 10 % off`."""
    attempts: int = 1

    @property
    def verdict(self) -> Verdict | None:
        """None where it is not judged yet."""
        return None if self.judgement is None else self.judgement.verdict


class Person(Record, frozen=True):
    """One student and their row."""

    id: str
    name: str
    section: str
    page: str
    """Where their own page is, relative to the class's."""
    results: Mapping[str, Result]
    """Slug: result; what is missing was not handed in."""
    total: float | None
    """None where nothing of what they handed in was judged."""


class Trouble(Record, frozen=True):
    """Something that a person has to look at."""

    where: str
    why: str
    page: str = ""
    """Of the student whom it is about, if any, relative to the class's page."""


class Classroom(Record, frozen=True):
    """All that the page is about."""

    title: str
    katas: tuple[Column, ...]
    people: tuple[Person, ...]
    problems: tuple[Trouble, ...] = ()
    """What could not be judged, could not be placed, or is there no longer."""


def waiting(classroom: Classroom) -> int:
    """How many hand-ins have not been judged yet."""
    return sum(result.judgement is None for person in classroom.people for result in person.results.values())


def judged(classroom: Classroom) -> Iterator[tuple[Person, Judgement]]:
    """Everything that was judged, and whose it is."""
    for person in classroom.people:
        for kata in classroom.katas:
            result = person.results.get(kata.slug)
            if result is not None and result.judgement is not None:
                yield person, result.judgement


def accepted(classroom: Classroom, kata: Column) -> tuple[int, int]:
    """How many were accepted, of how many that were judged."""
    results = [person.results[kata.slug] for person in classroom.people if kata.slug in person.results]
    made = [result.judgement.accepted for result in results if result.judgement is not None]
    return sum(made), len(made)


def distribution(classroom: Classroom) -> list[tuple[str, int]]:
    """How many students reached which share of the points: (`0 to 9 %`, 3), ten bands."""
    worth = sum(kata.worth for kata in classroom.katas)
    counts = [0] * BANDS
    for person in classroom.people:
        if person.results and person.total is not None and worth:
            counts[max(0, min(int(person.total / worth * BANDS), BANDS - 1))] += 1
    width = 100 // BANDS
    names = [f"{band * width} to {band * width + width - 1} %" for band in range(BANDS - 1)]
    return list(zip([*names, f"{100 - width} to 100 %"], counts, strict=True))


def failed_checks(classroom: Classroom) -> list[tuple[str, str, int, int]]:
    """(kata's slug, check's title, failed, judged), the most failed first; none that all passed."""
    seen: Counter[tuple[str, str]] = Counter()
    failed: Counter[tuple[str, str]] = Counter()
    titles: dict[tuple[str, str], str] = {}
    for _, judgement in judged(classroom):
        for check in judgement.checks:
            key = judgement.slug, check.id
            titles[key] = check.title
            seen[key] += 1
            failed[key] += not check.passed
    order = sorted(failed, key=lambda key: (-failed[key], -failed[key] / seen[key], key))
    return [(key[0], titles[key], failed[key], seen[key]) for key in order if failed[key]]


def misconceptions(classroom: Classroom) -> list[tuple[str, list[Person]]]:
    """(name, who), the commonest first; each person once for each."""
    who: dict[str, dict[str, Person]] = {}
    for person, judgement in judged(classroom):
        for check in judgement.checks:
            if check.misconception and not check.passed:
                who.setdefault(check.misconception, {})[person.id] = person
    order = sorted(who, key=lambda name: (-len(who[name]), name))
    return [(name, list(who[name].values())) for name in order]
