"""Reads what a class handed in, from every learning system's layout (`formats`).

`read_intake` is the one entry, and its body is the list of the steps. It never writes, never follows links
and never runs or parses what it reads; what it cannot place is a `Problem` in words, never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from grader.errors import BadInput
from grader.intake.bounds import bounded
from grader.intake.choosing import choose_answers
from grader.intake.formats import FORMATS
from grader.intake.handins import Handin, Intake, Problem, Student
from grader.intake.items import STRANGER, EmptySlot, Item
from grader.intake.layout import Layout, list_entries
from grader.intake.matching import match_katas
from grader.intake.naming import name_students
from grader.intake.opening import open_tree
from grader.intake.pattern import Pattern
from grader.intake.reading import read_files
from grader.intake.recognise import recognise
from grader.intake.roster import Roster, read_roster
from grader.intake.tree import Tree
from grader.records import Kata

__all__ = ["FORMATS", "Handin", "Intake", "Problem", "Roster", "Student", "read_intake", "read_roster"]


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
    that fits none. Raises BadInput for a path, roster, listing or pattern that cannot be used, and where
    the layout cannot be told for sure.
    """
    wanted = katas if wanted is None else wanted
    class_list, roster_csv = _class_list(roster)
    with closing(open_tree(path)) as tree:
        format, depth = _recognise(tree, katas, layout, pattern, class_list, roster_csv)
        class_list = class_list or format.own_class_list(tree, depth)
        entries = list(list_entries(format, tree, depth, katas))
        named = list(name_students(entries, class_list, asked=layout is not None or pattern is not None))
        files = read_files(named, tree, katas)
        matched = match_katas(files, katas, wanted)
        chosen = list(
            choose_answers(matched, wanted)
        )  # the steps before are lazy: few files are held at once
    handins = [item for item in chosen if isinstance(item, Handin)]
    problems = [item for item in chosen if isinstance(item, Problem)]
    problems += _not_on_roster(named, handins, class_list)
    return _report(format.name, depth, named, handins, problems, class_list)


def _class_list(roster: Path | None) -> tuple[Roster, bytes]:
    """The roster as the format reads it that exports such a file, else as a list of people; and its bytes."""
    if roster is None:
        return Roster(), b""
    try:
        data = roster.read_bytes()
    except OSError as problem:
        raise BadInput(f"The roster {roster} cannot be read: {problem.strerror}.") from None
    own = (format.class_list(data) for format in FORMATS.values())
    return next((people for people in own if people is not None), None) or read_roster(roster), data


def _recognise(
    tree: Tree,
    katas: Sequence[Kata],
    name: str | None,
    pattern: str | None,
    class_list: Roster,
    roster_csv: bytes,
) -> tuple[Layout, int]:
    """The format and the number of folders around the students' places."""
    if pattern is not None:
        return Pattern(pattern), 0
    if name is None:
        return recognise(tree, [format(class_list, roster_csv) for format in FORMATS.values()], katas)
    if name not in FORMATS:
        raise BadInput(f"There is no input format {name!r}.", advice=f"There are: {', '.join(FORMATS)}.")
    chosen = FORMATS[name](class_list, roster_csv)
    return chosen, chosen.depth(tree, katas)


def _not_on_roster(items: Sequence[Item], handins: Sequence[Handin], roster: Roster) -> list[Problem]:
    """A problem for everybody who handed in and is not on the roster, unless the format says so already."""
    if not roster:
        return []
    known = {student.id for student in roster.students}
    known |= {item.student.id for item in items if isinstance(item, EmptySlot) and item.why == STRANGER}
    have = {handin.student.id: handin.student for handin in _sorted(handins)}
    return [_not_on(roster, student) for id, student in have.items() if id not in known]


def _sorted(handins: Sequence[Handin]) -> list[Handin]:
    return sorted(handins, key=lambda item: (item.student.id, item.slug, item.newness, item.source_path))


def _report(
    format: str,
    depth: int,
    items: Sequence[Item],
    handins: Sequence[Handin],
    problems: Sequence[Problem],
    roster: Roster,
) -> Intake:
    """All of it in a fixed order, and no more lines about anybody than a person reads."""
    handins = _sorted(handins)
    have = {handin.student.id: handin.student for handin in handins}
    students = {student.id: student for student in roster.students}
    people: dict[str, Student] = {}
    for item in items:
        if not isinstance(item, Problem):
            people.setdefault(item.student.id, item.student)
    people |= students | have
    named = {problem.student_id for problem in problems if problem.student_id in people}
    return Intake(
        format=format,
        handins=tuple(handins),
        problems=tuple(
            _with_name(problem, people.get(problem.student_id)) for problem in bounded(problems, depth)
        ),
        missing=tuple(student for student in roster.students if student.id not in have),
        students=tuple({**students, **have, **{id: people[id] for id in sorted(named)}}.values()),
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
