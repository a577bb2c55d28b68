"""Marks for every system that takes them: one module per format, each a `book.Gradebook`."""

from __future__ import annotations

from collections.abc import Mapping

from grader.batch.gradebook.book import Given, Gradebook, Written
from grader.batch.gradebook.canvas import Canvas
from grader.batch.gradebook.gradescope import Gradescope
from grader.batch.gradebook.junit import JUnit
from grader.batch.gradebook.lines import Lines
from grader.batch.gradebook.moodle import Moodle
from grader.batch.gradebook.tables import Long, Wide

__all__ = ["GRADEBOOKS", "Given", "Gradebook", "Written"]

_ALL: tuple[Gradebook, ...] = (
    Wide(),
    Long(),
    Canvas(),
    Moodle(),
    Gradescope(),
    JUnit(),
    Lines(),
)

GRADEBOOKS: Mapping[str, Gradebook] = {book.name: book for book in _ALL}
"""Name of the format: what writes it."""
