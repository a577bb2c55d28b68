"""A class as one HTML page: who has what, what went wrong most, and what an instructor must look at.

Nothing is told by colour alone: each cell has a sign and words, each bar its number.
"""

from __future__ import annotations

import re
from collections import Counter
from unicodedata import combining, normalize

from msgspec.structs import replace

from grader.export.class_facts import (
    Classroom,
    Person,
    Result,
    accepted,
    distribution,
    failed_checks,
    judged,
    misconceptions,
    waiting,
)
from grader.report.page import render_page, words

MOST_CHECKS = 20


def class_page(classroom: Classroom) -> str:
    """The page, students by name; of those with one name, by it and the id."""
    counts = Counter(person.name for person in classroom.people)
    people = (
        replace(person, name=_called(person)) if counts[person.name] > 1 else person
        for person in sorted(classroom.people, key=_by_name)
    )
    shown = replace(classroom, people=tuple(people))
    return render_page(
        "class.html.j2",
        classroom=shown,
        figures=_figures(shown),
        said=_said,
        accepted=[accepted(shown, kata) for kata in shown.katas],
        bands=distribution(shown),
        failed=failed_checks(shown)[:MOST_CHECKS],
        katas={kata.slug: kata for kata in shown.katas},
        misconceptions=misconceptions(shown),
        waiting=waiting(shown),
        absent=[_called(person) for person in shown.people if not person.results],
    )


def _by_name(person: Person) -> tuple[list[tuple[str, int]], str]:
    """Without regard to case and accents, numbers by their size; of one name the id decides."""
    letters = (char for char in normalize("NFKD", person.name or person.id) if not combining(char))
    parts = re.findall(r"([^0-9]*)([0-9]{0,18})", "".join(letters).casefold())
    return [(text, int(digits or 0)) for text, digits in parts], person.id


def _figures(classroom: Classroom) -> list[tuple[str, str]]:
    """The class in numbers, each with its name."""
    levels = Counter(judgement.isolation.value for _, judgement in judged(classroom))
    isolation = ", ".join(f"{count} {level}" for level, count in sorted(levels.items())) or "nothing judged"
    return [
        ("Students", str(len(classroom.people))),
        ("Katas", str(len(classroom.katas))),
        ("Judged", str(levels.total())),
        *([("Not judged yet", str(left))] if (left := waiting(classroom)) else []),
        ("Isolation in force", isolation),
        ("Seed", _seeds([judgement.seed for _, judgement in judged(classroom)])),
        ("No submission", str(sum(not person.results for person in classroom.people))),
        ("Problems", str(len(classroom.problems))),
    ]


def _seeds(seeds: list[int]) -> str:
    """A class has one for each submission, unless `kata grade` was given one for all."""
    if not seeds:
        return "none"
    return str(seeds[0]) if len(set(seeds)) == 1 else "one for each submission: see csv-long or jsonl"


def _said(result: Result) -> str:
    """A cell in words."""
    attempts = f"{result.attempts} attempts" if result.attempts > 1 else ""
    return ", ".join(filter(None, (words(result.verdict), result.lateness, attempts)))


def _called(person: Person) -> str:
    """The name with the id behind it: names have commas, and two people may have the same."""
    behind = f" ({person.id})"
    if person.name in ("", person.id):
        return person.id
    return person.name if person.name.endswith(behind) else person.name + behind
