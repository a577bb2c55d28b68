"""The results of a class: one SQLite file that every report is derived from.

Rules
- A judgement is committed before anybody is shown it, and each in a transaction of its own: a process
  killed at any moment loses nothing that was shown as done.
- One process writes at a time (`lock.WriterLock`); any number may read meanwhile (WAL).
- A judgement is kept under all that it depends on (`Key`), so judging the same again is recognised,
  and a retry that comes twice is harmless.
- Whatever SQLite complains of becomes a `BadStore` that says what to do.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from grader.batch.connection import complaints, connect
from grader.batch.intake.handins import Handin, Intake, Problem, Student
from grader.batch.keys import Key
from grader.batch.lock import WriterLock
from grader.errors import BadStore
from grader.records import Isolation, Judgement, Record, Submission, Verdict

SEED_BITS = 31


class Attempt(Record, frozen=True):
    """One hand-in as the store keeps it: without its bytes."""

    student_id: str
    slug: str
    sha256: str
    filename: str
    source_path: str
    submitted_at: datetime | None
    late: bool
    newness: tuple[float, int, int]


class Known(Record, frozen=True):
    """A stored judgement in short."""

    verdict: Verdict
    isolation: Isolation
    points: float


@contextmanager
def open_store(path: Path) -> Iterator[Store]:
    """The store at `path` for a run of grading: made if it is missing, and nobody else writes to it.

    Raises BadStore when another run holds it or the file cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise BadStore(f"The folder of the store {path} cannot be made: {problem.strerror}.") from None
    with WriterLock(path), closing(connect(path, write=True)) as connection:
        yield Store(path, connection)


@contextmanager
def read_store(path: Path) -> Iterator[Store]:
    """The store at `path` for reports, also while a run is writing to it. Raises BadStore."""
    with closing(connect(path, write=False)) as connection:
        yield Store(path, connection)


class Store:
    """An open store; from `open_store` or `read_store`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._db = connection

    # -- writing -----------------------------------------------------------------------------------
    def class_seed(self) -> int:
        """The seed of this class: drawn the first time and the same ever after."""
        with self._transaction():
            row = self._db.execute("SELECT value FROM meta WHERE key = 'class_seed'").fetchone()
            if row:
                return int(row[0])
            seed = secrets.randbits(SEED_BITS)
            self._db.execute("INSERT INTO meta VALUES ('class_seed', ?)", (str(seed),))
            return seed

    def take(self, intake: Intake) -> None:
        """Records who handed in what. What is known already stays; problems are the latest intake's."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('layout', ?)", (intake.format,))
            self._db.execute("DELETE FROM problem")
            self._db.executemany(
                "INSERT INTO problem VALUES (?, ?, ?)",
                [(problem.path, problem.why, problem.student_id) for problem in intake.problems],
            )
            for student in intake.students:
                self._take_student(student)
            for handin in intake.handins:
                self._take_handin(handin)

    def _take_student(self, student: Student) -> None:
        row = (
            student.id,
            student.name,
            student.email,
            student.section,
            student.lms_id,
            student.sis_id,
            student.login,
        )
        self._db.execute(
            "INSERT INTO student (id, name, email, section, lms_id, sis_id, login)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " name = coalesce(nullif(excluded.name, ''), name),"
            " email = coalesce(nullif(excluded.email, ''), email),"
            " section = coalesce(nullif(excluded.section, ''), section),"
            " lms_id = coalesce(nullif(excluded.lms_id, ''), lms_id),"
            " sis_id = coalesce(nullif(excluded.sis_id, ''), sis_id),"
            " login = coalesce(nullif(excluded.login, ''), login)",
            row,
        )

    def _take_handin(self, handin: Handin) -> None:
        submission = handin.submission
        sha256 = submission.sha256
        self._db.execute("INSERT OR IGNORE INTO source VALUES (?, ?)", (sha256, submission.source))
        submitted = handin.submitted_at.isoformat() if handin.submitted_at else None
        self._db.execute(
            "INSERT INTO handin (student_id, slug, sha256, filename, source_path, submitted_at, late,"
            " stamp, attempt, modified_ns) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET submitted_at = excluded.submitted_at, late = excluded.late,"
            " stamp = excluded.stamp, attempt = excluded.attempt, modified_ns = excluded.modified_ns",
            (
                handin.student.id,
                handin.slug,
                sha256,
                submission.filename,
                handin.source_path,
                submitted,
                handin.late,
                *handin.newness,
            ),
        )

    def put(self, judgement: Judgement) -> None:
        """Keeps a judgement in place of an earlier one of the same key; it now stands for its source.

        An error of ours never takes the place of a judgement that was made.
        """
        key = Key.of(judgement)
        with self._transaction():
            self._db.execute(
                "INSERT INTO judgement (slug, sha256, suite_digest, grader, python, seed, verdict, points,"
                " max_points, isolation, elapsed_wall_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET verdict = excluded.verdict, points = excluded.points,"
                " max_points = excluded.max_points, isolation = excluded.isolation,"
                " elapsed_wall_ms = excluded.elapsed_wall_ms, body = excluded.body"
                " WHERE excluded.verdict <> 'JUDGE_ERROR' OR judgement.verdict = 'JUDGE_ERROR'",
                (
                    *_columns(key),
                    judgement.verdict.value,
                    judgement.points,
                    judgement.max_points,
                    judgement.isolation.value,
                    judgement.elapsed_wall_ms,
                    msgspec.json.encode(judgement),
                ),
            )
            self._stand([key])

    def let_stand(self, keys: Iterable[Key]) -> None:
        """Says that the judgements of these keys are the ones that count from now on."""
        with self._transaction():
            self._stand(keys)

    def _stand(self, keys: Iterable[Key]) -> None:
        self._db.executemany(
            "INSERT INTO standing SELECT slug, sha256, id FROM judgement WHERE slug = ? AND sha256 = ?"
            " AND suite_digest = ? AND grader = ? AND python = ? AND seed = ?"
            " ON CONFLICT DO UPDATE SET judgement = excluded.judgement",
            [_columns(key) for key in keys],
        )

    # -- reading -----------------------------------------------------------------------------------
    def known(self, key: Key) -> Known | None:
        """What was judged under this key, if anything was."""
        row = self._one(
            "SELECT verdict, isolation, points FROM judgement WHERE slug = ? AND sha256 = ?"
            " AND suite_digest = ? AND grader = ? AND python = ? AND seed = ?",
            _columns(key),
        )
        return Known(verdict=Verdict(row[0]), isolation=Isolation(row[1]), points=row[2]) if row else None

    def submission(self, sha256: str, filename: str) -> Submission:
        """What was handed in. Raises BadStore when it is not there."""
        row = self._one("SELECT bytes FROM source WHERE sha256 = ?", (sha256,))
        if row is None:
            raise BadStore(f"The store {self.path} has lost the source {sha256[:12]}.")
        return Submission(source=row[0], filename=filename)

    def standing(self, slug: str, sha256: str) -> Judgement | None:
        """The judgement that counts for this source, or None if it was never judged."""
        row = self._one(
            "SELECT body FROM standing JOIN judgement ON judgement.id = standing.judgement"
            " WHERE standing.slug = ? AND standing.sha256 = ?",
            (slug, sha256),
        )
        if row is None:
            return None
        try:
            return msgspec.json.decode(row[0], type=Judgement)
        except msgspec.DecodeError as problem:
            raise BadStore(f"The store {self.path} has a damaged judgement: {problem}.") from None

    def students(self) -> list[Student]:
        """Everybody, by id."""
        columns = "id, name, email, section, lms_id, sis_id, login"
        names = columns.split(", ")
        rows = self._all(f"SELECT {columns} FROM student ORDER BY id")
        return [Student(**dict(zip(names, row, strict=True))) for row in rows]

    def attempts(self) -> list[Attempt]:
        """All hand-ins by student, kata and newness, the newest of each last."""
        rows = self._all(
            "SELECT student_id, slug, sha256, filename, source_path, submitted_at, late, stamp, attempt,"
            " modified_ns FROM handin ORDER BY student_id, slug, stamp, attempt, modified_ns, id"
        )
        return [
            Attempt(
                student_id=row[0],
                slug=row[1],
                sha256=row[2],
                filename=row[3],
                source_path=row[4],
                submitted_at=datetime.fromisoformat(row[5]) if row[5] else None,
                late=bool(row[6]),
                newness=(row[7], row[8], row[9]),
            )
            for row in rows
        ]

    def layout(self) -> str:
        """The format of the latest intake, `plain` if there was none."""
        row = self._one("SELECT value FROM meta WHERE key = 'layout'", ())
        return str(row[0]) if row else "plain"

    def problems(self) -> list[Problem]:
        """What the latest intake could not make sense of."""
        rows = self._all("SELECT path, why, student_id FROM problem ORDER BY rowid")
        return [Problem(path=path, why=why, student_id=student_id) for path, why, student_id in rows]

    # -- SQLite ------------------------------------------------------------------------------------
    def _one(self, query: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        with complaints(self.path):
            row: tuple[Any, ...] | None = self._db.execute(query, values).fetchone()
            return row

    def _all(self, query: str) -> list[tuple[Any, ...]]:
        with complaints(self.path):
            return self._db.execute(query).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with complaints(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _columns(key: Key) -> tuple[str, str, str, str, str, int]:
    return key.slug, key.sha256, key.suite_digest, key.grader, key.python, key.seed
