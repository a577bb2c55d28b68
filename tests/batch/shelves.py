"""What the tests of the store put into it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fake_judge import judgement
from school import make_kata

from grader.grading.keys import Key
from grader.grading.store import Graded, IntakeSnapshot, open_store
from grader.intake import Handin, Intake, Problem, Student
from grader.records import Submission

KATA = make_kata(4, "gather_readings", "read_all")
SOURCE = Submission(source=b"# accept\n\xff\0", filename="04.py")
ALICE = Student(id="alice", name="Alice", email="a@x.org")
WRONG = (Problem(path="x", why="y"),)
SOURCES = [Submission(source=b"x" * 500 + bytes([number]), filename="04.py") for number in range(40)]
FIRST = Key.of(judgement(KATA, SOURCES[0], accepted=True))


def reading(*handins: Handin, problems: tuple[Problem, ...] = (), origin: str = "/class") -> IntakeSnapshot:
    """These hand-ins as all that there is at a PATH."""
    students = tuple({handin.student.id: handin.student for handin in handins}.values())
    return IntakeSnapshot(
        intake=Intake(format="plain", handins=handins, problems=problems, missing=(), students=students),
        origin=origin,
    )


def handin(source: Submission = SOURCE, newness: float = 0.0, student: Student = ALICE) -> Handin:
    """One file of a student's folder."""
    return Handin(
        student=student,
        slug=KATA.slug,
        submission=source,
        source_path=f"alice/{source.filename}",
        submitted_at=datetime.fromtimestamp(newness, UTC),
        newness=(newness, 0, 0),
    )


def filled(path: Path) -> Path:
    """A store of a student with forty attempts, each handed in another week, and a problem."""
    with open_store(path) as store:
        store.secret()
        store.note_graded([Graded(slug=KATA.slug, suite_digest="d", points=3, named=False)])
        for number, source in enumerate(SOURCES):
            store.take(reading(handin(source), problems=WRONG, origin=f"/week/{number}"))
            store.put(judgement(KATA, source, accepted=True))
    return path
