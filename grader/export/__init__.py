"""Marks for every system that takes them: one module per format, each a `book.Gradebook`."""

from __future__ import annotations

from collections.abc import Mapping

from grader.export.book import Given, Gradebook, Written
from grader.export.canvas import Canvas
from grader.export.gradescope import Gradescope
from grader.export.junit import JUnit
from grader.export.lines import Lines
from grader.export.moodle import Moodle
from grader.export.tables import Long, Wide

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
