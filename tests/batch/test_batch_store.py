"""The store keeps everything, refuses what it cannot trust, and loses nothing when killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from fake_judge import judgement
from shelves import ALICE, KATA, SOURCE, filled, handin, reading

from grader.errors import BadStore
from grader.grading.keys import Key, error_judgement
from grader.grading.store import Known, Notice, Store, open_store, read_store
from grader.intake import Problem, Student
from grader.records import Isolation, Submission, Verdict


def test_what_goes_in_comes_out(tmp_path):
    """Bytes, times with their zone, judgements with their timelines."""
    given = judgement(KATA, SOURCE, accepted=False)
    with open_store(tmp_path / "a" / "store.sqlite") as store:
        store.take(reading(handin(newness=1.5), problems=(Problem(path="x", why="y"),)))
        store.put(given)
    with read_store(tmp_path / "a" / "store.sqlite") as store:
        assert store.students() == [ALICE]
        (attempt,) = store.attempts()
        assert (attempt.submitted_at, attempt.newness) == (datetime.fromtimestamp(1.5, UTC), (1.5, 0, 0))
        assert store.submission(attempt.sha256, "04.py") == SOURCE
        assert store.current_judgement(KATA.slug, SOURCE.sha256) == given
        assert store.problems() == [Problem(path="x", why="y")]
        assert store.known(Key.of(given)) == Known(
            verdict=Verdict.NOT_CONCURRENT, isolation=Isolation.FULL, points=1
        )


def test_taking_the_same_again_adds_nothing_and_the_newest_stands_last(tmp_path):
    """A student who hands in A, B and A again has A counting."""
    other = Submission(source=b"other", filename="04.py")
    with open_store(tmp_path / "store") as store:
        for newness, source in ((1.0, SOURCE), (2.0, other), (2.0, other), (3.0, SOURCE)):
            store.take(reading(handin(source, newness), origin=f"/{source.filename}/{source.sha256}"))
        assert [attempt.sha256 for attempt in store.attempts()] == [other.sha256, SOURCE.sha256]


def test_what_is_known_of_a_student_is_not_forgotten(tmp_path):
    """A later intake without a roster knows less and takes nothing away."""
    with open_store(tmp_path / "store") as store:
        store.take(reading(handin()))
        store.take(reading(handin(student=Student(id="alice", lms_id="101"))))
        assert store.students() == [msgspec.structs.replace(ALICE, lms_id="101")]


def test_the_class_secret_is_drawn_once(tmp_path):
    """So that a resumed run judges with the same seeds."""
    secrets = set()
    for _ in range(2):
        with open_store(tmp_path / "store") as store:
            secrets |= {store.secret(), store.secret()}
    (secret,) = secrets
    assert len(secret) * 8 == 128
    with open_store(tmp_path / "other") as store:
        assert store.secret() != secret


def test_each_part_of_the_key_makes_another_judgement(tmp_path):
    """Suite, grader, Python, seed: judging under another never overwrites."""
    given = judgement(KATA, SOURCE, accepted=True)
    with open_store(tmp_path / "store") as store:
        store.put(given)
        for field, value in (("suite_digest", "x"), ("grader", "9"), ("python", "9"), ("seed", 9)):
            changed = msgspec.structs.replace(given, **{field: value})
            assert store.known(Key.of(changed)) is None
            store.put(changed)
        assert store.known(Key.of(given)) is not None
        store.set_current([Key.of(given)])
        assert store.current_judgement(KATA.slug, SOURCE.sha256) == given, "the last run's is current"


def test_what_to_look_at_is_kept_with_the_judgement_that_stands(tmp_path):
    """It goes with it: a judgement in its place has its own, or none."""
    given = judgement(KATA, SOURCE, accepted=True)
    error = error_judgement(Key.of(given), 4, "Title", "it died")
    with open_store(tmp_path / "store") as store:
        store.take(reading(handin(), handin(student=Student(id="bob"))))
        store.put(error, "could not be judged: it died")
        expected = Notice(slug=KATA.slug, students=("alice", "bob"), why="could not be judged: it died")
        assert store.notices() == [expected]
        assert store.known(Key.of(given)).notice == expected.why
        store.put(given)
        store.put(error, "not kept")
        assert store.notices() == []


def test_an_error_of_ours_never_replaces_a_judgement(tmp_path):
    """And a judgement replaces the error."""
    given = judgement(KATA, SOURCE, accepted=True)
    error = error_judgement(Key.of(given), 4, "Title", "it died")
    with open_store(tmp_path / "store") as store:
        store.put(error)
        assert store.known(Key.of(given)).verdict is Verdict.JUDGE_ERROR
        store.put(given)
        store.put(error)
        assert store.current_judgement(KATA.slug, SOURCE.sha256) == given


# -- two at once, and sudden ends ------------------------------------------------------------------
def test_a_second_writer_is_refused_and_a_reader_is_not(tmp_path):
    """The message names the process that holds it."""
    path = filled(tmp_path / "store")
    with open_store(path):
        with (
            pytest.raises(BadStore, match=rf"Another run is writing .*process {os.getpid()}"),
            open_store(path),
        ):
            pass
        with read_store(path) as reading:
            assert len(reading.attempts()) == 40
    with open_store(path):
        pass


_WRITE_FOR_EVER = """
import itertools, pathlib, sys
from fake_judge import judgement
from school import make_kata
from grader.grading.store import open_store
from grader.records import Submission

with open_store(pathlib.Path(sys.argv[1])) as store:
    for number in itertools.count():
        source = Submission(source=str(number).encode(), filename="04.py")
        store.put(judgement(make_kata(4, "gather_readings"), source, accepted=True))
        print(source.sha256, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is of POSIX")
def test_a_writer_that_is_killed_loses_nothing_that_it_said_was_done(tmp_path):
    """No stale lock either: the next writer goes on at once."""
    here = Path(__file__).parent
    path = tmp_path / "store"
    with subprocess.Popen(
        [sys.executable, "-c", _WRITE_FOR_EVER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent.parent)])},
    ) as writer:
        told = [writer.stdout.readline().strip() for _ in range(30)]
        writer.send_signal(signal.SIGKILL)
        told += [line.strip() for line in writer.stdout if len(line) == 65]
    with open_store(path) as store:
        assert all(store.current_judgement("gather_readings", sha256) for sha256 in told)


def test_the_store_says_what_it_is(tmp_path):
    """`file` and people can tell a store from any other database."""
    path = filled(tmp_path / "store")
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA application_id").fetchone()[0].to_bytes(4, "big") == b"kata"
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    raw.close()


def test_a_source_that_the_store_lost_is_said(tmp_path):
    """Not None, not a traceback."""
    with open_store(tmp_path / "store") as store:
        assert isinstance(store, Store)
        with pytest.raises(BadStore, match="lost the source"):
            store.submission("0" * 64, "a.py")
