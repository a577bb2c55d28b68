"""From a store's marks to the pages of a class: what batch knows, as report draws it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from grader.catalog import hints
from grader.errors import BadKata
from grader.export.book import Written, write_bytes, write_text
from grader.export.class_facts import Classroom, Column, Person, Result, Trouble
from grader.export.class_page import class_page
from grader.export.feedback import feedback_places, page_names
from grader.export.student_page import Chapter, StudentView, student_page
from grader.export.wording import lateness
from grader.grading.marks import Ledger, Mark
from grader.intake import Student
from grader.records import Kata

if TYPE_CHECKING:
    from grader.grading.store import Store

FOLDER = "students"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The zip's times: the same marks make the same bytes."""


def write_class_pages(store: Store, ledger: Ledger, out: Path) -> Written:
    """`index.html` and `students/<name>.html`; what is written is said by the class page."""
    names, worth = page_names(ledger), _worth(ledger)
    for student in ledger.students:
        write_text(out / FOLDER / names[student.id], _student_page(store, ledger, student, worth))
    return Written(paths=(write_text(out / "index.html", class_page(_classroom(ledger, names))),))


def write_feedback(store: Store, ledger: Ledger, out: Path) -> Written:
    """`feedback.zip`: every student's page under the name that the learning system takes back."""
    path, layout = out / "feedback.zip", store.layout()
    places, worth = feedback_places(ledger, layout), _worth(ledger)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for student in ledger.students:
            if student.id in places.paths:
                entry = zipfile.ZipInfo(places.paths[student.id], EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, _student_page(store, ledger, student, worth))
    return Written(
        paths=(write_bytes(path, packed.getvalue()),),
        notes=tuple(
            f"{student_id} is left out: {layout} takes files back to uploaded files only, and there is none"
            for student_id in places.left_out
        ),
    )


def _classroom(ledger: Ledger, names: dict[str, str]) -> Classroom:
    pages = {student.id: f"{FOLDER}/{names[student.id]}" for student in ledger.students}
    return Classroom(
        title="Class results",
        katas=tuple(_column(ledger, kata) for kata in ledger.katas),
        people=tuple(
            Person(
                id=student.id,
                name=student.name or student.id,
                section=student.section,
                page=pages[student.id],
                results={kata.slug: _result(mark) for kata, mark in ledger.of(student) if mark is not None},
                total=None if ledger.is_unjudged(student) else ledger.total(student),
            )
            for student in ledger.students
        ),
        problems=tuple(
            Trouble(where=problem.path, why=problem.why, page=pages.get(problem.student_id, ""))
            for problem in ledger.problems
        ),
    )


def _column(ledger: Ledger, kata: Kata) -> Column:
    return Column(number=kata.number, slug=kata.slug, title=kata.title, worth=ledger.worth(kata.slug))


def _result(mark: Mark) -> Result:
    return Result(
        judgement=mark.judgement,
        points=mark.points,
        worth=mark.worth,
        lateness=lateness(mark).removeprefix(", "),
        attempts=mark.attempts,
    )


def _worth(ledger: Ledger) -> float:
    return sum(ledger.worth(kata.slug) for kata in ledger.katas)


def _student_page(store: Store, ledger: Ledger, student: Student, worth: float) -> str:
    marks = [(kata, mark) for kata, mark in ledger.of(student) if mark is not None]
    return student_page(
        StudentView(
            name=student.name or student.id,
            total=None if ledger.is_unjudged(student) else ledger.total(student),
            worth=worth,
            chapters=tuple(_chapter(store, kata, mark) for kata, mark in marks),
            missing=tuple(_column(ledger, kata) for kata, mark in ledger.of(student) if mark is None),
        )
    )


def _chapter(store: Store, kata: Kata, mark: Mark) -> Chapter:
    """The mark once more with its timelines, which a ledger goes without."""
    attempt = mark.attempt
    full = store.standing(attempt.slug, attempt.sha256)
    source = store.submission(attempt.sha256, attempt.filename).source
    return Chapter(
        number=kata.number,
        slug=kata.slug,
        title=kata.title,
        result=replace(_result(mark), judgement=full),
        source=source.decode("utf-8", "replace"),
        hints=_hints(kata),
    )


def _hints(kata: Kata) -> tuple[str, ...]:
    try:
        return hints(kata)
    except BadKata:  # a page without a hint is better than none
        return ()
