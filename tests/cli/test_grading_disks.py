"""Disks that are full or may only be read, and names that are no text: said as what they are, and graded."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.errors import BadStore
from grader.grading.connection import complaints

FAKES = Path(__file__).parent.parent / "doubles"
STORE = Path("grades/results.sqlite")
GRADE = (
    "import sys; import grader.grading.run as g; from msgspec.structs import replace; real = g.grade;"
    "g.grade = lambda request, tell: real(replace(request, judge='fake_judge:FakeJudge'), tell);"
    "from grader.cli import cli; cli(sys.argv[1:], prog_name='kata')"
)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, as small as is asked for."""
    place = tmp_path / "disk"
    place.mkdir()
    made = []

    def make(size: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
        try:
            mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            mounted = False
        if not mounted:
            pytest.skip("a file system can be mounted by root only, and not everywhere")
        made.append(place)
        return place

    yield make
    for mounted in made:
        subprocess.run(["umount", str(mounted)], check=True)


def in_process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with the fake judge."""
    return subprocess.run(
        [sys.executable, "-c", GRADE, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(FAKES), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
        check=False,
        timeout=100,
    )


# -- full ------------------------------------------------------------------------------------------
def test_a_full_disk_under_the_store_is_called_full(small_disk, run, school_class):
    for student in range(40):
        (school_class / f"s{student}").mkdir()
        (school_class / f"s{student}" / "4.py").write_text(f"# accept\n# {student}\n" + "#" * 3000)
    disk = small_disk("130k")
    ended = run("grade", school_class, "--isolation", "best", "--store", disk / "store")
    assert ended.exit_code == 2
    assert (
        f"kata: The disk is full: the store {disk / 'store'} cannot be written. Free some space and run it"
        " again. What was judged is kept." in ended.stderr
    )


def test_a_full_disk_under_marks_and_pages_is_called_full(small_disk, run, school_class):
    """And what was written before is whole."""
    run("grade", school_class, "--isolation", "best")
    disk = small_disk("20k")
    (disk / "grades.csv").write_text("old")
    (disk / "fill").write_bytes(b"x" * 16 * 1024)
    for name in ("html", "feedback", "jsonl"):
        ended = run("report", STORE, "--format", name, "--out", disk)
        assert ended.exit_code == 2
        assert "cannot be written: No space left on device. Free some space, then run" in ended.stderr
    assert not [path for path in disk.iterdir() if path.name not in ("grades.csv", "fill", "students")]


@pytest.mark.parametrize(
    ("name", "free", "words"),
    [
        ("SQLITE_FULL", 10**9, "The disk is full"),
        ("SQLITE_IOERR_WRITE", 0, "The disk is full"),
        ("SQLITE_IOERR_WRITE", 10**9, "Check the disk, its quota"),
        ("SQLITE_READONLY", 10**9, "Check the folder's permissions"),
        ("SQLITE_CORRUPT", 10**9, "Restore it from a copy"),
    ],
)
def test_what_sqlite_complains_of_is_told_by_its_kind(monkeypatch, tmp_path, name, free, words):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**10, 0, free))
    complaint = sqlite3.OperationalError("words of SQLite's")
    complaint.sqlite_errorname = name
    with pytest.raises(BadStore, match=words), complaints(tmp_path / "store"):
        raise complaint


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are of POSIX")
def test_a_limit_on_file_sizes_is_no_error_of_ours(school_class, katas):
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000)); {GRADE}"
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            limited,
            "--katas",
            str(katas),
            "grade",
            str(school_class),
            "--isolation",
            "best",
        ],
        env={**os.environ, "PYTHONPATH": str(FAKES)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        cwd=school_class.parent,
    )
    assert ended.returncode == 2
    assert "error of ours" not in ended.stderr
    assert "Check the disk, its quota and the largest size of a file" in ended.stderr


# -- for reading only ------------------------------------------------------------------------------
def test_a_store_that_may_only_be_read_can_be_reported(small_disk, run, school_class):
    run("grade", school_class, "--isolation", "best")
    disk = small_disk("2m")
    for path in STORE.parent.glob("results.sqlite*"):
        shutil.copy(path, disk)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    ended = run("report", disk / "results.sqlite", "--format", "csv", "--out", "again.csv")
    assert ended.exit_code == 0, ended.stderr
    assert Path("again.csv").read_text() == Path("grades/grades.csv").read_text()


@pytest.mark.parametrize("has_shm", [False, True])
def test_what_a_killed_run_left_beside_such_a_store_is_in_the_report(small_disk, run, school_class, has_shm):
    """SQLite has it in a second file; a reader that may not write cannot fold it in."""
    run("grade", school_class, "--isolation", "best")
    held = sqlite3.connect(STORE)
    held.execute("PRAGMA journal_mode = WAL")
    held.execute("UPDATE student SET name = 'Alice Abel' WHERE id = 'alice'")
    held.commit()
    disk = small_disk("4m")
    for path in STORE.parent.glob("results.sqlite*"):
        shutil.copy(path, disk)
    held.close()
    if not has_shm:
        (disk / "results.sqlite-shm").unlink(missing_ok=True)
    assert (disk / "results.sqlite-wal").stat().st_size
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    ended = run("report", disk / "results.sqlite", "--format", "csv", "--out", "again.csv")
    assert ended.exit_code == 0, ended.stderr
    assert "alice,Alice Abel," in Path("again.csv").read_text()


# -- names -----------------------------------------------------------------------------------------
@pytest.fixture
def odd_class(school_class):
    """Names in UTF-8, and bytes that are no text."""
    names = [b"caf\xe9", "zoé".encode(), "乔治".encode()]
    try:
        for name in names:
            folder = os.path.join(os.fsencode(school_class), name)  # noqa: PTH118  # bytes, which Path has not
            os.mkdir(folder)  # noqa: PTH102
            with open(os.path.join(folder, b"n\xff.py"), "wb") as file:  # noqa: PTH118, PTH123
                file.write(b"# accept\n# " + name + b"\nasync def read_all(names): ...\n")
    except OSError as problem:
        if problem.errno in (errno.EILSEQ, errno.EINVAL):
            pytest.skip("this file system takes names in UTF-8 only")
        raise
    return school_class


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONUTF8": "1"}, {"PYTHONUTF8": "0", "LC_ALL": "C"}, {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"}],
    ids=["utf8", "c", "c.utf-8"],
)
def test_names_that_are_no_text_are_shown_escaped_and_graded(odd_class, katas, tmp_path, environment):
    """The same in every locale: tables, pages, and who is looked for."""
    formats = [word for name in ("csv", "html", "feedback", "jsonl") for word in ("--format", name)]
    odd_class.joinpath("zoé", "note.py").write_text("x = 1")
    given = ["--katas", katas, "grade", odd_class, "--isolation", "best", "--kata", "4", "--only", "*é*"]
    given += ["--only", r"caf\xe9", "--only", "乔治"]
    ended = in_process(*given, *formats, "--out", tmp_path / "out", **environment)
    assert ended.returncode == 0, ended.stderr
    table = (tmp_path / "out" / "grades.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in table[2:]] == [r"caf\xe9", "zoé", "乔治"]
    pages = sorted(os.listdir(os.fsencode(tmp_path / "out" / "students")))  # noqa: PTH208  # in bytes
    assert pages == [b"caf_xe9.html", "zoé.html".encode(), "乔治.html".encode()]
    with zipfile.ZipFile(tmp_path / "out" / "feedback.zip") as archive:
        assert "zoé/feedback.html" in archive.namelist()


def test_a_roster_is_the_same_one_in_every_locale(odd_class, katas, tmp_path):
    """The store remembers its path as text."""
    roster = tmp_path / "zoé.csv"
    roster.write_text("id,name\nzoé,Zoé\n", encoding="utf-8")
    given = ["--katas", katas, "grade", odd_class, "--isolation", "best", "--roster", roster]
    for environment in ({"PYTHONUTF8": "0", "LC_ALL": "C"}, {"PYTHONUTF8": "1"}):
        ended = in_process(*given, "--out", tmp_path / "out", **environment)
        assert ended.returncode == 0, ended.stderr
    assert "0 judged" in ended.stdout
