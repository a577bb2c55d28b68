"""A store that is not what it should be is refused with words, and no new one takes its place."""

from __future__ import annotations

import sqlite3

import pytest
from shelves import FIRST, filled

from grader.errors import BadStore
from grader.grading import schema
from grader.grading.store import Store, open_store, read_store


@pytest.mark.parametrize("opened", [open_store, read_store])
@pytest.mark.parametrize("damage", ["text", "torn", "overwritten", "newer", "foreign"])
def test_a_store_that_cannot_be_trusted_is_refused_with_words(tmp_path, damage, opened):
    """Never a traceback, never a new store in its place."""
    path = tmp_path / "store"
    if damage == "foreign":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE notes (text)")
        other.close()
    else:
        data = filled(path).read_bytes()
        if damage == "text":
            data = b"results,of,the,class\n" * 400
        elif damage == "torn":
            data = data[: len(data) // 2]
        elif damage == "overwritten":
            data = data[:4096] + b"\xff" * 8192 + data[12288:]
        else:
            data = data[:60] + (99).to_bytes(4, "big") + data[64:]
        path.write_bytes(data)
    words = {"newer": "version 99", "foreign": "another program"}.get(damage, "damaged|cannot be used")
    with pytest.raises(BadStore, match=words), opened(path):
        pass


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE source SET bytes = x'00'", "the source .* is not what was handed in"),
        ("UPDATE source SET bytes = 7", "the source"),
        ("DELETE FROM source", "lost the source"),
        ("UPDATE meta SET value = 'x' WHERE key = 'secret'", "its secret is not one"),
        ("UPDATE meta SET value = 'c0ffee' WHERE key = 'secret'", "its secret is not one"),
        ("UPDATE meta SET value = x'ff' WHERE key = 'secret'", "its secret is not one"),
        ("UPDATE judgement SET verdict = 'FINE'", "FINE"),
        ("UPDATE judgement SET isolation = 'much'", "much"),
        ("UPDATE judgement SET points = 'many'", "Expected `float`"),
        ("UPDATE judgement SET points = 99", "contradicts itself"),
        ("UPDATE judgement SET body = '{'", "truncated"),
        ("UPDATE judgement SET body = '{}'", "missing required field"),
        ("UPDATE standing SET judgement = 1", "contradicts itself"),
        ("UPDATE handin SET submitted_at = 'noon'", "noon"),
        ("UPDATE handin SET stamp = 'late'", "Expected `float`"),
        ("UPDATE handin SET student_id = 'nobody'", "Expected `str`"),
        ("UPDATE student SET name = x'ff'", "Expected `str`"),
        ("UPDATE problem SET why = x'ff'", "Expected `str`"),
        ("UPDATE graded SET points = 'many'", "Expected `float`"),
    ],
)
def test_a_value_that_no_run_has_written_is_called_damage(tmp_path, change, words):
    """By whatever is asked first; each is the user's to mend, not an error of ours."""
    path = filled(tmp_path / "store")
    with sqlite3.connect(path) as raw:
        raw.execute(change)
    raw.close()
    with pytest.raises(BadStore, match=f"is damaged .*{words}.*Restore it"), open_store(path) as store:
        ask_everything(store)


def ask_everything(store: Store) -> None:
    store.secret()
    assert store.known(FIRST)
    store.students(), store.problems(), store.withdrawn(), store.notices(), store.graded()
    for attempt in store.attempts():
        store.submission(attempt.sha256, attempt.filename)
        store.current_judgement(attempt.slug, attempt.sha256)


def test_a_whole_store_can_be_asked_everything(tmp_path):
    """So that the test above is about what it changes."""
    with open_store(filled(tmp_path / "store")) as store:
        ask_everything(store)
        assert len(store.attempts()) == 40


def test_an_empty_file_is_no_store_and_may_become_one(tmp_path):
    """It is not called old; `mktemp` makes such files to be graded into."""
    (tmp_path / "store").touch()
    with pytest.raises(BadStore, match="is an empty file and no store"), read_store(tmp_path / "store"):
        pass
    with open_store(tmp_path / "store") as store:
        store.secret()
    with read_store(tmp_path / "store") as store:
        assert store.attempts() == []


@pytest.mark.parametrize("opened", [open_store, read_store])
def test_a_store_of_a_version_that_cannot_be_brought_up_is_refused_with_words(tmp_path, opened):
    """Version 1 was never released."""
    path = filled(tmp_path / "store")
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 1")
    raw.close()
    with pytest.raises(BadStore, match=r"version 1, which cannot be .* Name another --store"), opened(path):
        pass


def test_a_report_of_no_store_says_so_and_makes_none(tmp_path):
    """A mistyped name must not become an empty store."""
    with pytest.raises(BadStore, match="There is no store"), read_store(tmp_path / "store"):
        pass
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    """A file in the place of the folder stands in for missing rights, which root has anyway."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BadStore, match="cannot be made"), open_store(tmp_path / "file" / "store"):
        pass


def test_an_older_store_is_brought_up_to_date_without_loss(tmp_path, monkeypatch):
    """By the migration of each version in turn; readers ask for a run first."""
    path = filled(tmp_path / "store")
    steps = ("ALTER TABLE student ADD COLUMN x TEXT;", "CREATE TABLE y (z);")
    newest = schema.VERSION + len(steps)
    monkeypatch.setattr(schema, "MIGRATIONS", dict(enumerate(steps, schema.VERSION)))
    monkeypatch.setattr(schema, "VERSION", newest)
    with pytest.raises(BadStore, match="older version"), read_store(path):
        pass
    with open_store(path) as store:
        assert len(store.attempts()) == 40
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (newest,)
        raw.execute("SELECT x FROM student")
        raw.execute("SELECT z FROM y")
    raw.close()
