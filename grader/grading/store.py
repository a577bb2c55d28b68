"""The results of a class: one SQLite file that every report is derived from.

Rules
- A judgement is committed before anybody is shown it, and each in a transaction of its own: a process
  killed at any moment loses nothing that was shown as done.
- One process writes at a time (`lock.WriterLock`); any number may read meanwhile (WAL).
- A judgement is kept under all that it depends on (`Key`), so judging the same again is recognised,
  and a retry that comes twice is harmless.
- Who handed in what is the register's (`register`), which lives in the same file.
- Whatever SQLite complains of, and whatever value makes no sense, becomes a `BadStore` that says what to do.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from grader.errors import BadStore
from grader.grading import register
from grader.grading.connection import complaints, connect, damaged, sound
from grader.grading.keys import Key
from grader.grading.lock import WriterLock
from grader.grading.register import Attempt, IntakeSnapshot, Notice, Withdrawn
from grader.intake.handins import Problem, Student
from grader.records import Isolation, Judgement, Record, Submission, Verdict

__all__ = [
    "Attempt",
    "Graded",
    "IntakeSnapshot",
    "Known",
    "Notice",
    "Store",
    "Withdrawn",
    "open_store",
    "read_store",
]

SECRET_BYTES = 16
Found = TypeVar("Found")


class Known(Record, frozen=True):
    """A stored judgement in short."""

    verdict: Verdict
    isolation: Isolation
    points: float
    notice: str = ""
    """Why an instructor has to look at it."""


class Graded(Record, frozen=True):
    """A kata that was graded."""

    slug: str
    suite_digest: str
    points: float
    """The raw points that there are to be had in that suite."""
    named: bool
    """Whether a run named it (`--kata`): it counts though nobody hands it in."""


@contextmanager
def open_store(path: Path) -> Iterator[Store]:
    """The store at `path` for a run of grading: made if it is missing, and nobody else writes to it.

    Raises BadStore when another run holds it or the file cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise BadStore(f"The folder of the store {path} cannot be made: {problem.strerror}.") from None
    with WriterLock(path), connect(path, write=True) as connection:
        yield Store(path, connection)


@contextmanager
def read_store(path: Path) -> Iterator[Store]:
    """The store at `path` for reports, also while a run is writing to it. Raises BadStore."""
    with connect(path, write=False) as connection:
        yield Store(path, connection)


class Store:
    """An open store; from `open_store` or `read_store`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._db = connection

    # -- writing -----------------------------------------------------------------------------------
    def secret(self) -> bytes:
        """What this class's seeds are made from: drawn the first time and the same ever after.

        It leaves the store for `keys.submission_seed` only.
        """
        with self._transaction():
            row = self._db.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()
            if row:
                return self._secret(row[0])
            secret = secrets.token_bytes(SECRET_BYTES)
            self._db.execute("INSERT INTO meta VALUES ('secret', ?)", (secret.hex(),))
            return secret

    def _secret(self, text: str) -> bytes:
        try:
            secret = bytes.fromhex(text)
        except (ValueError, TypeError):
            secret = b""
        if len(secret) != SECRET_BYTES:
            raise damaged(self.path, "its secret is not one")  # and it is not shown
        return secret

    def take(self, reading: IntakeSnapshot) -> None:
        """Records who handed in what; what the PATH has no longer counts no more (`register`)."""
        with self._transaction():
            register.take(self._db, reading)

    def given(self) -> dict[str, str]:
        """What runs were given, by the option's name (`given.OPTIONS`)."""
        rows = self._all("SELECT key, value FROM meta WHERE key LIKE 'given %'")
        return {str(key).removeprefix("given "): str(value) for key, value in rows}

    def remember(self, given: Mapping[str, str], forget: Iterable[str] = ()) -> None:
        """Forgets what was given for these options, and keeps what is given now.

        Who was only on a forgotten roster has no row any more.
        """
        with self._transaction():
            for name in forget:
                self._db.execute("DELETE FROM meta WHERE key = ?", (f"given {name}",))
                if name == "roster":
                    self._db.execute("DELETE FROM awaited")
            self._db.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)",
                [(f"given {name}", value) for name, value in given.items()],
            )

    def left_of_other_formats(self, reading: IntakeSnapshot) -> list[Problem]:
        """What was read at the same PATH in other formats and still counts."""
        return self._register(lambda db: register.left_of_other_formats(db, reading))

    def note_graded(self, katas: Iterable[Graded]) -> None:
        """Records what there is to be had in these katas; one that was named once stays so."""
        with self._transaction():
            self._db.executemany(
                "INSERT INTO graded VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
                " suite_digest = excluded.suite_digest, points = excluded.points,"
                " named = max(named, excluded.named)",
                [(kata.slug, kata.suite_digest, kata.points, kata.named) for kata in katas],
            )

    def put(self, judgement: Judgement, notice: str = "") -> None:
        """Keeps a judgement in place of an earlier one of the same key; it now stands for its source.

        An error of ours never takes the place of a judgement that was made. `notice` is why an
        instructor has to look at it.
        """
        key = Key.of(judgement)
        with self._transaction():
            self._db.execute(
                "INSERT INTO judgement (slug, sha256, suite_digest, grader, python, seed, verdict, points,"
                " max_points, isolation, elapsed_wall_ms, notice, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET verdict = excluded.verdict, points = excluded.points,"
                " max_points = excluded.max_points, isolation = excluded.isolation,"
                " elapsed_wall_ms = excluded.elapsed_wall_ms, notice = excluded.notice, body = excluded.body"
                " WHERE excluded.verdict <> 'JUDGE_ERROR' OR judgement.verdict = 'JUDGE_ERROR'",
                (
                    *_columns(key),
                    judgement.verdict.value,
                    judgement.points,
                    judgement.max_points,
                    judgement.isolation.value,
                    judgement.elapsed_wall_ms,
                    notice,
                    msgspec.json.encode(judgement),
                ),
            )
            self._stand([key])

    def set_current(self, keys: Iterable[Key]) -> None:
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
            "SELECT verdict, isolation, points, notice FROM judgement WHERE slug = ? AND sha256 = ?"
            " AND suite_digest = ? AND grader = ? AND python = ? AND seed = ?",
            _columns(key),
        )
        if row is None:
            return None
        with sound(self.path):
            return msgspec.convert(
                dict(zip(("verdict", "isolation", "points", "notice"), row, strict=True)), Known
            )

    def submission(self, sha256: str, filename: str) -> Submission:
        """What was handed in. Raises BadStore when it is not there, or not as it was."""
        row = self._one("SELECT bytes FROM source WHERE sha256 = ?", (sha256,))
        if row is None:
            raise damaged(self.path, f"it has lost the source {sha256[:12]}")
        with sound(self.path):
            found = Submission(source=bytes(row[0]), filename=filename)
        if found.sha256 != sha256:
            raise damaged(self.path, f"the source {sha256[:12]} is not what was submitted")
        return found

    def current_judgement(self, slug: str, sha256: str) -> Judgement | None:
        """The judgement that counts for this source, or None if it was never judged."""
        row = self._one(
            "SELECT verdict, points, max_points, body FROM standing"
            " JOIN judgement ON judgement.id = standing.judgement"
            " WHERE standing.slug = ? AND standing.sha256 = ?",
            (slug, sha256),
        )
        if row is None:
            return None
        with sound(self.path):
            found = msgspec.json.decode(row[3], type=Judgement)
        said = (found.slug, found.submission_sha256, found.verdict.value, found.points, found.max_points)
        if said != (slug, sha256, *row[:3]):
            raise damaged(self.path, f"its judgement of the source {sha256[:12]} contradicts itself")
        return found

    def graded(self) -> dict[str, Graded]:
        """Slug: the kata, of all that were graded."""
        rows = self._all("SELECT slug, suite_digest, points, named FROM graded ORDER BY slug")
        with sound(self.path):
            return {
                str(row[0]): msgspec.convert(
                    {"slug": row[0], "suite_digest": row[1], "points": row[2], "named": bool(row[3])}, Graded
                )
                for row in rows
            }

    def students(self) -> list[Student]:
        """Everybody who has a row in the class's marks, by id."""
        return self._register(register.listed)

    def handing_in(self, origin: str) -> list[Student]:
        """Those of whom there is a hand-in that counts from this PATH."""
        return self._register(lambda db: register.handing_in(db, origin))

    def attempts(self) -> list[Attempt]:
        """All hand-ins that count by student, kata and newness, the newest of each last."""
        return self._register(register.attempts)

    def withdrawn(self) -> list[Withdrawn]:
        """What was handed in once and is no longer, by student and kata."""
        return self._register(register.withdrawn)

    def notices(self) -> list[Notice]:
        """The judgements that an instructor has to look at."""
        return self._register(register.notices)

    def problems(self) -> list[Problem]:
        """What the latest intake of each PATH could not make sense of."""
        return self._register(register.problems)

    def layout(self) -> str:
        """The format of the latest intake, `plain` if there was none."""
        row = self._one("SELECT value FROM meta WHERE key = 'layout'", ())
        return str(row[0]) if row else "plain"

    # -- SQLite ------------------------------------------------------------------------------------
    def _one(self, query: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        with complaints(self.path):
            row: tuple[Any, ...] | None = self._db.execute(query, values).fetchone()
            return row

    def _register(self, ask: Callable[[sqlite3.Connection], Found]) -> Found:
        with complaints(self.path), sound(self.path):
            return ask(self._db)

    def _all(self, query: str) -> list[tuple[Any, ...]]:
        with complaints(self.path):
            return self._db.execute(query).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with complaints(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite itself takes back what a full disk did not take
                    self._db.execute("ROLLBACK")
                raise


def _columns(key: Key) -> tuple[str, str, str, str, str, int]:
    return key.slug, key.sha256, key.suite_digest, key.grader, key.python, key.seed
