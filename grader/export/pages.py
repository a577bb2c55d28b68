"""From a store's marks to the pages of a class, for the exporters `html` and `feedback`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from grader.catalog import hints
from grader.errors import BadKata
from grader.export.class_facts import Classroom, Column, Person, Result, Trouble
from grader.export.class_page import class_page
from grader.export.student_page import Chapter, StudentView, student_page
from grader.export.wording import lateness
from grader.grading.marks import Ledger, Mark
from grader.intake import Student
from grader.records import Kata

if TYPE_CHECKING:
    from grader.grading.store import Store


def class_html(ledger: Ledger, pages: Mapping[str, str]) -> str:
    """The class page; `pages` are the addresses of the students' pages, by their ids."""
    return class_page(_classroom(ledger, pages))


def student_html(store: Store, ledger: Ledger, student: Student) -> str:
    """One student's page, with the timelines and sources that only the store has."""
    return _student_page(store, ledger, student, sum(ledger.worth(kata.slug) for kata in ledger.katas))


def _classroom(ledger: Ledger, pages: Mapping[str, str]) -> Classroom:
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
    full = store.current_judgement(attempt.slug, attempt.sha256)
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
