"""What a run is about: of which students, and of which katas."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable

from grader.intake.handins import Handin, Student
from grader.records import Record


class Scope(Record, frozen=True):
    """By default everything. What is out of scope stays in a store as it was."""

    names: tuple[str, ...] = ()
    """Students by id, name, e-mail or the learning system's own; `*` stands for anything. All without."""
    slugs: Collection[str] | None = None
    """Katas; None for all."""

    def covers(self, student: Student, slug: str) -> bool:
        """Whether this student's hand-ins for this kata are in scope."""
        return (self.slugs is None or slug in self.slugs) and self.is_about(student)

    def is_about(self, student: Student) -> bool:
        """Whether this student is in scope, whatever the kata."""
        called = [_folded(name) for name in (student.id, student.name, student.email, student.lms_id) if name]
        return not self.names or any(
            _fits(_folded(pattern), name) for name in called for pattern in self.names
        )

    def split(self, handins: Iterable[Handin]) -> tuple[list[Handin], list[Handin]]:
        """(those in scope, those out of it), each in their order."""
        inside: list[Handin] = []
        outside: list[Handin] = []
        for handin in handins:
            (inside if self.covers(handin.student, handin.slug) else outside).append(handin)
        return inside, outside


def _fits(pattern: str, name: str) -> bool:
    """Whether the name is the pattern's, `*` standing for anything and every other sign for itself.

    Each part between stars is looked for behind the one before: no name makes that slow.
    """
    first, *others = pattern.split("*")
    if not others:
        return name == pattern
    *between, last = others
    if len(name) < len(first) + len(last) or not (name.startswith(first) and name.endswith(last)):
        return False
    place, end = len(first), len(name) - len(last)
    for part in between:
        place = name.find(part, place, end)
        if place < 0:
            return False
        place += len(part)
    return True


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
