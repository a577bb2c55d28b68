"""Reads what a class handed in, from every learning system's layout (formats in `layout.Layout`).

`read_intake` is the one entry. It never writes, never follows links and never runs or parses what it
reads; what it cannot place is a `Problem` in words, never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from grader.errors import BadInput
from grader.intake.bounds import bounded
from grader.intake.canvas import Canvas
from grader.intake.classroom import STRANGER, Classroom, grades_roster, grades_rows
from grader.intake.collect import Collector
from grader.intake.folder_tree import FolderTree
from grader.intake.gradescope import GradescopeContainer, GradescopeExport
from grader.intake.handins import Handin, Intake, Problem, Student
from grader.intake.layout import Layout
from grader.intake.moodle import Moodle
from grader.intake.pattern import Pattern
from grader.intake.plain import Plain
from grader.intake.recognise import asked_for, recognise
from grader.intake.roster import Roster, read_roster
from grader.intake.tree import Tree, as_text
from grader.intake.zip_tree import NotAZipError, ZipTree
from grader.records import Kata

__all__ = ["FORMATS", "Handin", "Intake", "Problem", "Roster", "Student", "read_intake", "read_roster"]

FORMATS = ("gradescope-container", "gradescope", "moodle", "canvas", "classroom", "plain")
"""What `--input` may name; without it the one is taken that its system's own marks tell."""


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

        open -> recognise the layout -> list the entries -> name the student -> match the kata
        -> choose the answer -> check against the roster -> report

    `katas` is everything a file might be, so that an answer to another kata is told apart from one
    that fits none. Raises BadInput for a path, roster, listing or pattern that cannot be used, and where
    the layout cannot be told for sure.
    """
    people, grades = _people(roster)
    tree = _open(path)
    try:
        chosen, depth = _choose(tree, katas, layout, pattern, people, grades)
        if isinstance(chosen, Classroom) and not people:
            people = chosen.people(tree, depth)
        asked = layout is not None or pattern is not None
        collector = Collector(tree, katas, katas if wanted is None else wanted, people, asked=asked)
        collector.problems.extend(tree.problems)
        collector.take(chosen.find(tree, depth, katas))
    finally:
        tree.close()
    return _intake(chosen.name, depth, collector, people)


def _open(path: Path) -> Tree:
    """The folder, the zip, or the folder of the one file at `path`.

    Raises BadInput when there is nothing there, or nothing that can be read as one of these.
    """
    if path.is_dir():
        return FolderTree(path)
    if not path.exists():
        raise BadInput(f"There is nothing at {path}.", advice="Name a folder, a zip or a Python file.")
    if path.suffix.lower() == ".py":
        return FolderTree(path.parent, only=path.name)
    try:
        return ZipTree(path.open("rb"), as_text(path.name))
    except NotAZipError as problem:
        advice = "Name a folder, a .zip or a .py file; unpack other archives first."
        raise BadInput(f"{path} cannot be graded: {problem}.", advice=advice) from None
    except OSError as problem:
        raise BadInput(f"{path} cannot be read: {problem.strerror}.") from None


def _people(roster: Path | None) -> tuple[Roster, list[dict[str, str]]]:
    """The roster, and its rows once more if it is GitHub Classroom's grades CSV."""
    if roster is None:
        return Roster(), []
    try:
        grades = grades_rows(roster.read_bytes())
    except OSError as problem:
        raise BadInput(f"The roster {roster} cannot be read: {problem.strerror}.") from None
    return (grades_roster(grades) if grades else read_roster(roster)), grades


def _choose(
    tree: Tree,
    katas: Sequence[Kata],
    name: str | None,
    pattern: str | None,
    people: Roster,
    grades: list[dict[str, str]],
) -> tuple[Layout, int]:
    """The format and the number of folders around the students' places."""
    if pattern is not None:
        return Pattern(pattern), 0
    layouts: list[Layout] = [
        GradescopeContainer(),
        GradescopeExport(),
        Moodle(),
        Canvas(),
        Classroom(grades),
    ]
    plain = Plain(people)
    if name is None:
        return recognise(tree, layouts, plain, katas)
    for layout in (*layouts, plain):
        if layout.name == name:
            return layout, asked_for(tree, layout, katas)
    raise BadInput(f"There is no input format {name!r}.", advice=f"There are: {', '.join(FORMATS)}.")


def _intake(name: str, depth: int, collector: Collector, roster: Roster) -> Intake:
    handins = sorted(
        collector.handins, key=lambda item: (item.student.id, item.slug, item.newness, item.source_path)
    )
    have = {handin.student.id: handin.student for handin in handins}
    students = {student.id: student for student in roster.students}
    problems = list(collector.problems)
    if roster:
        strangers = {problem.student_id for problem in problems if problem.why == STRANGER}
        unknown = [student for id, student in have.items() if id not in students and id not in strangers]
        problems.extend(_not_on(roster, student) for student in unknown)
    people = {**collector.people, **students, **have}
    told = {problem.student_id for problem in problems if problem.student_id in people}
    return Intake(
        format=name,
        handins=tuple(handins),
        problems=tuple(
            _with_name(problem, people.get(problem.student_id)) for problem in bounded(problems, depth)
        ),
        missing=tuple(student for student in roster.students if student.id not in have),
        students=tuple({**students, **have, **{id: people[id] for id in sorted(told)}}.values()),
        has_roster=bool(roster),
    )


def _not_on(roster: Roster, student: Student) -> Problem:
    """That nobody on the roster is this student, or that several might be."""
    rivals = roster.named(student)
    why = "is not on the roster"
    if rivals:
        count = "two" if len(rivals) == 2 else str(len(rivals))
        why = f"fits {count} on the roster: {', '.join(rival.id for rival in rivals)}"
    return Problem(path=student.id, why=why, student_id=student.id)


def _with_name(problem: Problem, student: Student | None) -> Problem:
    """The problem with the name of whom it is about, unless it is there already."""
    if student is None or not student.name or student.name.casefold() in problem.path.casefold():
        return problem
    path = student.called if problem.path == student.id else f"{problem.path} of {student.called}"
    return msgspec.structs.replace(problem, path=path)
