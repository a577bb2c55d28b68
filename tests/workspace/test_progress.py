"""Progress is a record stepped forward with the time passed in; its file survives damage."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import BadInput
from grader.records import Kata
from grader.workspace import Progress, Workspace, find_workspace
from grader.workspace.files import write_whole

KATA = Kata(number=4, slug="gather_readings", title="T", unit=1, folder=Path("k"), suite=Path("s"))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / ".kata").mkdir()
    return Workspace(tmp_path, notify=lambda message: None)


def test_states_follow_from_attempts_and_acceptance():
    """Untouched, tried, accepted; a later failure does not take the acceptance back."""
    progress = Progress()
    assert progress.of(KATA).state == "untouched"
    progress = progress.with_check(KATA, False, NOON)
    assert progress.of(KATA).state == "tried"
    progress = progress.with_check(KATA, True, NOON + timedelta(hours=1))
    progress = progress.with_check(KATA, False, NOON + timedelta(hours=2))
    done = progress.of(KATA)
    assert (done.state, done.attempts) == ("accepted", 3)
    assert done.first_checked == NOON
    assert done.accepted_at == NOON + timedelta(hours=1)
    assert done.last_checked == NOON + timedelta(hours=2)


def test_hints_never_go_back():
    """To see hint 1 again does not hide that 3 was shown."""
    progress = Progress().with_hint(KATA, 3).with_hint(KATA, 1)
    assert progress.of(KATA).hints == 3
    assert progress.of(KATA).state == "untouched"


@given(st.sets(st.integers(0, 30)), st.integers(0, 31))
def test_a_streak_is_the_longest_run_of_days_that_ends_today_or_yesterday(days, today):
    """Held against counting by hand."""
    start = date(2026, 1, 1)
    progress = Progress(days=tuple(start + timedelta(days=day) for day in sorted(days)))
    last = today if today in days else today - 1
    by_hand = 0
    while last - by_hand in days:
        by_hand += 1
    assert progress.streak(start + timedelta(days=today)) == by_hand


def test_what_is_written_is_read_back(workspace):
    """Times and all."""
    written = workspace.change(lambda progress: progress.with_check(KATA, True, NOON))
    assert Workspace(workspace.root).progress() == written
    assert written.days == (NOON.date(),)


@pytest.mark.parametrize(
    "damage", [b"", b"\xff\xfe", b"[]", b'{"version": 1, "katas": 3}', b'{"katas": {}}', b"{" * 99]
)
def test_damage_is_set_aside_and_said(tmp_path, damage):
    """The damaged bytes are kept, and the next write works."""
    (tmp_path / ".kata").mkdir()
    said: list[str] = []
    workspace = Workspace(tmp_path, notify=said.append)
    file = tmp_path / ".kata" / "progress.json"
    file.write_bytes(damage)
    assert workspace.progress() == Progress()
    assert file.with_name("progress.json.1").read_bytes() == damage
    assert len(said) == 1
    workspace.change(lambda progress: progress.with_hint(KATA, 1))
    assert workspace.progress().of(KATA).hints == 1


def test_a_crash_while_writing_leaves_the_old_file_whole(tmp_path, monkeypatch):
    """Nothing half-written is ever under the name, and no rubbish stays behind."""
    file = tmp_path / "progress.json"
    write_whole(file, b"old")

    def crash(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["progress.json"]


def test_the_workspace_is_found_from_below(workspace):
    """As far up as need be; above everything there is none."""
    deep = workspace.root / "04_gather_readings" / "deep"
    deep.mkdir(parents=True)
    found = find_workspace(deep)
    assert found is not None
    assert found.root == workspace.root
    assert find_workspace(workspace.root.parent) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("odd", ["pipe", "device", "folder"])
def test_what_is_no_file_is_not_read(workspace, odd):
    """A pipe would keep us waiting and a device never end: it is set aside as any damage is."""
    file = workspace.root / ".kata" / "progress.json"
    if odd == "pipe":
        os.mkfifo(file)
    elif odd == "device":
        file.symlink_to("/dev/zero")
    else:
        file.mkdir()
    assert workspace.progress() == Progress()
    assert os.path.lexists(file.with_name("progress.json.1"))
    assert not os.path.lexists(file)
    last = workspace.root / ".kata" / "last" / "04_gather_readings.json"
    last.parent.mkdir()
    os.mkfifo(last)
    assert workspace.last_run(KATA) is None


def test_damage_that_cannot_be_set_aside_is_bad_input(workspace, monkeypatch):
    """Nothing is written over it."""

    def refuse(path: Path) -> Path:
        raise OSError(30, "Read-only file system")

    file = workspace.root / ".kata" / "progress.json"
    file.write_bytes(b"{")
    monkeypatch.setattr("grader.workspace.set_aside", refuse)
    with pytest.raises(BadInput, match="is damaged and cannot be renamed: Read-only file system"):
        workspace.change(lambda progress: progress.with_hint(KATA, 1))
    assert file.read_bytes() == b"{"


def test_a_workspace_that_is_gone_is_not_made_anew(tmp_path):
    """What there was to remember is lost, and that is said."""
    said: list[str] = []
    workspace = Workspace(tmp_path / "gone", notify=said.append)
    workspace.change(lambda progress: progress.with_hint(KATA, 1))
    assert len(said) == 1
    assert "(the workspace is gone)" in said[0]
    assert not (tmp_path / "gone").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps who may read a file elsewhere")
def test_who_may_read_a_file_stays_as_it_was(tmp_path):
    """A new one is as the user's umask has it."""
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "new", b"1")
        (tmp_path / "old").write_bytes(b"1")
        (tmp_path / "old").chmod(0o664)
        write_whole(tmp_path / "old", b"2")
    finally:
        os.umask(before)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
    assert modes == {"new": "0o640", "old": "0o664"}
