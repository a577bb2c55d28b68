"""Reads what a class handed in, from every learning system's layout (formats in `layout.Layout`).

`read_intake` is the one entry. It never writes, never follows links and never runs or parses what it
reads; what it cannot place is a `Problem` in words, never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.batch.intake.canvas import Canvas
from grader.batch.intake.classroom import Classroom, grades_rows
from grader.batch.intake.collect import Collector
from grader.batch.intake.gradescope import GradescopeContainer, GradescopeExport
from grader.batch.intake.handins import Handin, Intake, Problem, Student
from grader.batch.intake.layout import Layout
from grader.batch.intake.moodle import Moodle
from grader.batch.intake.pattern import Pattern
from grader.batch.intake.plain import Plain
from grader.batch.intake.roster import Roster, read_roster
from grader.batch.intake.tree import Tree, open_tree
from grader.errors import BadInput
from grader.records import Kata

__all__ = ["FORMATS", "Handin", "Intake", "Problem", "Roster", "Student", "read_intake", "read_roster"]

FORMATS = ("gradescope-container", "gradescope", "moodle", "canvas", "classroom", "plain")
"""What `--input` may name; without it the first that recognises the tree is taken."""


def read_intake(
    path: Path,
    katas: Sequence[Kata],
    *,
    wanted: Sequence[Kata] | None = None,
    layout: str | None = None,
    roster: Path | None = None,
    pattern: str | None = None,
) -> Intake:
    """All hand-ins at `path` for the `wanted` katas (all by default).

    `katas` is everything a file might be, so that an answer to another kata is told apart from one
    that fits none. Raises BadInput for a path, roster, listing or pattern that cannot be used.
    """
    people, grades = _people(roster)
    tree = open_tree(path)
    try:
        chosen = _choose(tree, katas, layout, pattern, grades)
        collector = Collector(tree, katas, katas if wanted is None else wanted, people)
        collector.problems.extend(tree.problems)
        collector.take(chosen.find(tree, katas))
    finally:
        tree.close()
    return _intake(chosen.name, collector, people)


def _people(roster: Path | None) -> tuple[Roster, list[dict[str, str]]]:
    """The roster, and its rows once more if it is GitHub Classroom's grades CSV."""
    if roster is None:
        return Roster(), []
    try:
        grades = grades_rows(roster.read_bytes())
    except OSError as problem:
        raise BadInput(f"The roster {roster} cannot be read: {problem.strerror}.") from None
    return (Roster() if grades else read_roster(roster)), grades


def _choose(
    tree: Tree, katas: Sequence[Kata], name: str | None, pattern: str | None, grades: list[dict[str, str]]
) -> Layout:
    if pattern is not None:
        return Pattern(pattern)
    layouts: list[Layout] = [
        GradescopeContainer(),
        GradescopeExport(),
        Moodle(),
        Canvas(),
        Classroom(grades),
        Plain(),
    ]
    if name is None:
        return next(layout for layout in layouts if layout.recognises(tree, katas))
    for layout in layouts:
        if layout.name == name:
            return layout
    raise BadInput(f"There is no input format {name!r}.", advice=f"There are: {', '.join(FORMATS)}.")


def _intake(name: str, collector: Collector, roster: Roster) -> Intake:
    handins = sorted(
        collector.handins, key=lambda item: (item.student.id, item.slug, item.newness, item.source_path)
    )
    have = {handin.student.id: handin.student for handin in handins}
    students = {student.id: student for student in roster.students}
    problems = list(collector.problems)
    for student in have.values():
        if roster and student.id not in students:
            problems.append(Problem(path=student.id, why="is not on the roster", student_id=student.id))
        students[student.id] = student
    missing = tuple(student for student in roster.students if student.id not in have)
    return Intake(
        format=name,
        handins=tuple(handins),
        problems=tuple(problems),
        missing=missing,
        students=tuple(students.values()),
    )
