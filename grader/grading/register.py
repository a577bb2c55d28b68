"""The part of a store that says who handed in what, and what a reading of a PATH changes in it.

Rules
- A hand-in remembers the PATH that it was read from. Reading that PATH again takes the place of what was
  read there before: a hand-in that is there no longer is gone, which is to say kept with its judgements
  and never counted. Another PATH (next week's archive) takes nothing away.
- Gone is *replaced* where the same student has handed in something else there, or the same file is now
  somebody else's (a roster has given its student another id); else it is *withdrawn*, and that is told.
- What is out of a reading's scope stays as it was, and so does what was read there in another format: that
  a PATH looks otherwise today says nothing of what was handed in.
- A student is listed who has a hand-in that counts, whom a roster names, or who has a file that could not
  be placed. So an id that only a gone hand-in bears is not a second row beside the new one.
- Newer is what the learning system says is newer. Where it says nothing, what last came into the store
  from another PATH is newer, and within a PATH the time of the file decides, as in a store of its own.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec

from grader.grading.scope import Scope
from grader.intake.handins import Handin, Intake, Problem, Student
from grader.intake.tree import as_text
from grader.records import Record

_STUDENT = ("id", "name", "email", "section", "lms_id", "sis_id", "login")


class IntakeSnapshot(Record, frozen=True):
    """An intake, where it was read, and how much of it a run is about."""

    intake: Intake
    origin: str
    """The absolute PATH, from `origin_of`."""
    scope: Scope = Scope()
    has_roster: bool = False
    pattern: str = ""
    """By which the format `pattern` reads."""

    @property
    def format(self) -> str:
        """How the PATH was read: two patterns are two formats."""
        return f"{self.intake.format} {self.pattern}".strip()


class Attempt(Record, frozen=True):
    """One hand-in that counts, as the store keeps it: without its bytes."""

    student_id: str
    slug: str
    sha256: str
    filename: str
    source_path: str
    submitted_at: datetime | None
    late: bool
    newness: tuple[float, int, int]


class Withdrawn(Record, frozen=True):
    """A student who has nothing any more for a kata that they had handed in."""

    origin: str
    student: Student
    slug: str

    @property
    def problem(self) -> Problem:
        """As an instructor is told of it."""
        why = f"no longer submitted ({self.slug}); kept in the store, not counted"
        return Problem(path=self.student.called, why=why, student_id=self.student.id)


class Notice(Record, frozen=True):
    """A judgement that stands and that an instructor has to look at."""

    slug: str
    students: tuple[str, ...]
    why: str


def origin_of(path: Path) -> str:
    """The PATH as hand-ins remember it, also where its name is not Unicode."""
    return as_text(str(path.resolve()))


# -- taking ----------------------------------------------------------------------------------------
def take(db: sqlite3.Connection, reading: IntakeSnapshot) -> None:
    """Brings the register up to a reading. Belongs in one transaction."""
    intake = reading.intake
    db.execute("INSERT OR REPLACE INTO meta VALUES ('layout', ?)", (intake.format,))
    db.execute("INSERT OR IGNORE INTO origin (path) VALUES (?)", (reading.origin,))
    (origin,) = db.execute("SELECT id FROM origin WHERE path = ?", (reading.origin,)).fetchone()
    for student in intake.students:
        _take_student(db, student)
    _take_problems(db, origin, intake.problems)
    if reading.has_roster:
        db.execute("DELETE FROM awaited WHERE origin = ?", (origin,))
        rows = [(origin, student.id) for student in intake.missing]
        db.executemany("INSERT OR IGNORE INTO awaited VALUES (?, ?)", rows)
    before = _there(db, origin, reading.format)
    inside, _ = reading.scope.split(intake.handins)
    (seen,) = db.execute("SELECT coalesce(max(seen), 0) + 1 FROM handin").fetchone()
    for handin in inside:
        _take_handin(db, origin, seen, reading.format, handin)
    people = {student.id: student for student in everybody(db)}
    db.executemany("UPDATE handin SET gone = ? WHERE id = ?", _gone(before, reading, inside, people))


def _take_student(db: sqlite3.Connection, student: Student) -> None:
    """What is known of somebody stays, where a later intake knows less."""
    others = _STUDENT[1:]
    kept = ", ".join(f"{name} = coalesce(nullif(excluded.{name}, ''), {name})" for name in others)
    db.execute(
        f"INSERT INTO student ({', '.join(_STUDENT)}) VALUES (?, ?, ?, ?, ?, ?, ?)"
        f" ON CONFLICT (id) DO UPDATE SET {kept}",
        [getattr(student, name) for name in _STUDENT],
    )


def _take_problems(db: sqlite3.Connection, origin: int, problems: Sequence[Problem]) -> None:
    db.execute("DELETE FROM problem WHERE origin = ?", (origin,))
    db.executemany(
        "INSERT INTO problem VALUES (?, ?, ?, ?, ?)",
        [(origin, problem.path, problem.why, problem.student_id, problem.more) for problem in problems],
    )
    db.executemany(
        "INSERT OR IGNORE INTO student (id) VALUES (?)",
        [(problem.student_id,) for problem in problems if problem.student_id],
    )


def _take_handin(db: sqlite3.Connection, origin: int, seen: int, format: str, handin: Handin) -> None:
    submission = handin.submission
    sha256 = submission.sha256
    db.execute("INSERT OR IGNORE INTO source VALUES (?, ?)", (sha256, submission.source))
    submitted = handin.submitted_at.isoformat() if handin.submitted_at else None
    db.execute(
        "INSERT INTO handin (origin, student_id, slug, sha256, format, filename, source_path, submitted_at,"
        " late, stamp, attempt, modified_ns, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET format = excluded.format, submitted_at = excluded.submitted_at,"
        " late = excluded.late, stamp = excluded.stamp, attempt = excluded.attempt,"
        " modified_ns = excluded.modified_ns, seen = iif(gone = '', seen, excluded.seen), gone = ''",
        (
            origin,
            handin.student.id,
            handin.slug,
            sha256,
            format,
            submission.filename,
            handin.source_path,
            submitted,
            handin.late,
            *handin.newness,
            seen,
        ),
    )


Row = tuple[int, str, str, str, str]
"""A hand-in's id, student, kata, hash and path."""


def _there(db: sqlite3.Connection, origin: int, format: str) -> list[Row]:
    """What was there when the PATH was last read in this format."""
    return db.execute(
        "SELECT id, student_id, slug, sha256, source_path FROM handin"
        " WHERE origin = ? AND gone = '' AND format = ?",
        (origin, format),
    ).fetchall()


def _gone(
    before: Sequence[Row], reading: IntakeSnapshot, inside: Sequence[Handin], people: dict[str, Student]
) -> Iterator[tuple[str, int]]:
    """(why, hand-in's id) of what was there before and is no longer."""
    handins = reading.intake.handins
    now = {(item.student.id, item.slug, item.submission.sha256, item.source_path) for item in handins}
    still = {(item.student.id, item.slug) for item in handins}
    had = {(student_id, slug, path) for _, student_id, slug, _, path in before}
    # Files of students who had them not: whoever had them goes by another id now, or has handed them on.
    new = {(item.student.id, item.slug, item.source_path) for item in inside} - had
    passed_on = {(slug, path) for _, slug, path in new}
    for number, student_id, slug, sha256, path in before:
        if (student_id, slug, sha256, path) in now:
            continue
        has_other = (student_id, slug) in still
        renamed = (slug, path) in passed_on and not has_other
        if renamed or reading.scope.covers(people.get(student_id, Student(id=student_id)), slug):
            yield ("replaced" if renamed or has_other else "withdrawn"), number


def left_of_other_formats(db: sqlite3.Connection, reading: IntakeSnapshot) -> list[Problem]:
    """What was read at this PATH in other formats, is not there in today's, and counts all the same."""
    now = {
        (item.student.id, item.slug, item.submission.sha256, item.source_path)
        for item in reading.intake.handins
    }
    rows = db.execute(
        "SELECT format, student_id, slug, sha256, source_path FROM handin JOIN origin"
        " ON origin.id = handin.origin WHERE gone = '' AND path = ? AND format <> ? ORDER BY format",
        (reading.origin, reading.format),
    ).fetchall()
    counts = Counter(format for format, *row in rows if tuple(row) not in now)
    return [
        Problem(
            path=reading.origin,
            why=f"was read as {format} before, and as {reading.format} now:"
            f" {count} earlier {'submission' if count == 1 else 'submissions'} still"
            f" {'counts' if count == 1 else 'count'}; grade into a new --store to leave them out",
        )
        for format, count in counts.items()
    ]


# -- reading ---------------------------------------------------------------------------------------
def everybody(db: sqlite3.Connection) -> list[Student]:
    """All whom the store has ever heard of, by id."""
    return _students(db.execute(f"SELECT {', '.join(_STUDENT)} FROM student ORDER BY id"))


def listed(db: sqlite3.Connection) -> list[Student]:
    """Everybody who has a row in a class's marks, by id."""
    return _students(
        db.execute(
            f"SELECT {', '.join(_STUDENT)} FROM (SELECT student_id FROM handin WHERE gone = ''"
            " UNION SELECT student_id FROM awaited"
            " UNION SELECT student_id FROM problem WHERE student_id <> '')"
            " LEFT JOIN student ON student.id = student_id ORDER BY student_id"
        )
    )


def handing_in(db: sqlite3.Connection, origin: str) -> list[Student]:
    """Those of whom the store has a hand-in that counts from this PATH."""
    return _students(
        db.execute(
            f"SELECT {', '.join(f'student.{name}' for name in _STUDENT)} FROM student WHERE id IN"
            " (SELECT student_id FROM handin JOIN origin ON origin.id = handin.origin"
            " WHERE gone = '' AND path = ?) ORDER BY id",
            (origin,),
        )
    )


def _students(rows: Any) -> list[Student]:
    return [msgspec.convert(dict(zip(_STUDENT, row, strict=True)), Student) for row in rows]


def attempts(db: sqlite3.Connection) -> list[Attempt]:
    """All hand-ins that count by student, kata and newness, the newest of each last."""
    rows = db.execute(
        "SELECT student_id, slug, sha256, filename, source_path, submitted_at, late, stamp, attempt,"
        " modified_ns FROM (SELECT *, max(seen) OVER (PARTITION BY origin, student_id, slug) AS came"
        " FROM handin WHERE gone = '')"
        " ORDER BY student_id, slug, stamp, attempt, came, modified_ns, source_path, id"
    )
    return [
        msgspec.convert(
            {
                "student_id": row[0],
                "slug": row[1],
                "sha256": row[2],
                "filename": row[3],
                "source_path": row[4],
                "submitted_at": datetime.fromisoformat(row[5]) if row[5] else None,
                "late": bool(row[6]),
                "newness": row[7:],
            },
            Attempt,
        )
        for row in rows
    ]


def problems(db: sqlite3.Connection) -> list[Problem]:
    """What the latest intake of each PATH could not make sense of."""
    rows = db.execute("SELECT path, why, student_id, more FROM problem ORDER BY origin, rowid")
    return [
        msgspec.convert({"path": path, "why": why, "student_id": student_id, "more": more}, Problem)
        for path, why, student_id, more in rows
    ]


def withdrawn(db: sqlite3.Connection) -> list[Withdrawn]:
    """What is no longer handed in, by student and kata; not what is handed in elsewhere all the same."""
    rows = db.execute(
        "SELECT DISTINCT path, student_id, slug FROM handin AS was JOIN origin ON origin.id = was.origin"
        " WHERE gone = 'withdrawn' AND NOT EXISTS (SELECT 1 FROM handin WHERE gone = ''"
        " AND student_id = was.student_id AND slug = was.slug) ORDER BY student_id, slug, path"
    ).fetchall()
    people = {student.id: student for student in everybody(db)}
    return [Withdrawn(origin=path, student=people[student_id], slug=slug) for path, student_id, slug in rows]


def notices(db: sqlite3.Connection) -> list[Notice]:
    """Judgements to look at, of hand-ins that count, by kata."""
    rows = db.execute(
        "SELECT DISTINCT handin.slug, handin.sha256, notice, student_id FROM handin"
        " JOIN standing ON standing.slug = handin.slug AND standing.sha256 = handin.sha256"
        " JOIN judgement ON judgement.id = standing.judgement"
        " WHERE gone = '' AND notice <> '' ORDER BY handin.slug, handin.sha256, student_id"
    ).fetchall()
    return [
        Notice(slug=slug, students=tuple(row[3] for row in of), why=why)
        for (slug, _, why), of in groupby(rows, key=itemgetter(0, 1, 2))
    ]
