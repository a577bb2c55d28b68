"""What a run is about: of which students, and of which katas."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable

from grader.batch.intake.handins import Handin, Student
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
        called = [name.casefold() for name in (student.id, student.name, student.email, student.lms_id)]
        return not self.names or any(
            fnmatch.fnmatchcase(name, pattern.casefold()) for name in called if name for pattern in self.names
        )

    def split(self, handins: Iterable[Handin]) -> tuple[list[Handin], list[Handin]]:
        """(those in scope, those out of it), each in their order."""
        inside: list[Handin] = []
        outside: list[Handin] = []
        for handin in handins:
            (inside if self.covers(handin.student, handin.slug) else outside).append(handin)
        return inside, outside
