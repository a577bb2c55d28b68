"""What can be known to be wrong is refused before anything is judged, with 2 and in one line."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.grading.store import read_store

FAKES = Path(__file__).parent.parent / "doubles"
ROOT = FAKES.parent.parent
SAMPLES = FAKES / "samples"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--late-policy", "wrong.toml"], "late.percent"),
        (["--format", "moodle", "--worksheet", "wrong.toml"], "does not look like"),
        (["--format", "moodle"], "--worksheet"),
        (["--format", "canvas"], "--assignment"),
        (["--format", "canvas", "--assignment", "Week 1"], "is not an assignment"),
        (["--format", "csv", "--out", "wrong.toml"], "is a file"),
        (["--format", "csv", "--format", "csv-long", "--out", "marks.csv"], "one file for several formats"),
        (["--format", "moodle", "--worksheet", "sheet.csv", "--out", "sheet.csv"], "the worksheet itself"),
    ],
)
def test_what_an_export_would_refuse_is_refused_before_judging(run, school_class, options, words):
    """A class may take an hour."""
    Path("wrong.toml").write_text("[late]\npercent = 101\n")
    Path("sheet.csv").write_bytes((SAMPLES / "moodle_en.csv").read_bytes())
    ended = run("grade", school_class, "--isolation", "best", *options)
    assert ended.exit_code == 2
    assert words in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert not Path("grades").exists()
    assert not list(Path().glob("*.sqlite"))


@pytest.mark.parametrize("among", ["one", "folder", "katas"])
def test_a_suite_that_cannot_be_run_is_refused_once_and_nothing_is_judged(run, school_class, katas, among):
    """A file of one's own, a folder of them, or one that belongs to katas of one's own."""
    suites = katas.parent / "suites" if among == "katas" else Path("mine")
    suites.mkdir(exist_ok=True)
    for name in ("test_01_first_coroutine.py", "test_04_gather_readings.py"):
        (suites / name).write_text("# fine\n")
    broken = suites / "test_04_gather_readings.py"
    broken.write_text("# broken: line 3: SyntaxError: invalid syntax\n")
    given = {"one": ["--suite", broken, "--kata", "4"], "folder": ["--suite", suites], "katas": []}[among]
    ended = run("grade", school_class, "--isolation", "best", *given)
    assert ended.exit_code == 2
    assert f"The suite {broken.resolve()} cannot be run: line 3: SyntaxError: invalid syntax." in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    with read_store(Path("grades/results.sqlite")) as store:
        assert (store.attempts(), store.graded()) == ([], {}), "a refused run leaves nothing behind"
    broken.write_text("# mended\n")
    again = run("grade", school_class, "--isolation", "best", *given)
    assert "cannot be run" not in again.stderr
    assert "judged, 0 known" in again.stdout


def test_a_broken_suite_of_a_kata_that_nobody_handed_in_keeps_nobody_waiting(run, school_class, katas):
    """An author's half-written kata stands beside those of this week."""
    (katas.parent / "suites" / "test_07_task_group.py").write_text("# broken: half-written\n")
    assert run("grade", school_class, "--isolation", "best").exit_code == 0


# -- clusters --------------------------------------------------------------------------------------
def test_certificates_without_a_cluster_are_a_usage_error(run, school_class):
    """They would be left out silently."""
    Path("ca.pem").write_text("x")
    for option in ("--dask-ca", "--dask-cert", "--dask-key"):
        ended = run("grade", school_class, option, "ca.pem")
        assert ended.exit_code == 2
        assert "are for --dask" in ended.stderr
        assert "grade --help" in ended.stderr


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            ["--dask", "tcp://127.0.0.1:1"],
            r"no dask scheduler to be reached at tcp://127\.0\.0\.1:1: .*refused",
        ),
        (["--dask", "nonsense"], r"'nonsense' is no address: missing port"),
        (["--dask", "carrier-pigeon://x:1"], r"unknown address scheme"),
        (
            ["--dask", "tls://127.0.0.1:1"],
            r"with TLS, which takes .* Give --dask-ca, --dask-cert and --dask-key",
        ),
        (
            ["--dask", "tcp://127.0.0.1:1", "--dask-ca", "x.pem"],
            r"an address without TLS\. Give the scheduler's tls://",
        ),
        (
            ["--dask", "tls://127.0.0.1:1", *(f"--dask-{it}=x.pem" for it in ("ca", "cert", "key"))],
            r"certificates",
        ),
    ],
)
def test_an_address_that_cannot_be_had_is_one_line_within_seconds(tmp_path, given, words):
    """Before submissions are read (there are none), and without a word of dask's own."""
    pytest.importorskip("distributed", reason="the extra `dask` is not installed; CI installs it")
    (tmp_path / "x.pem").write_text("no certificate")
    ended, took_s = _kata(tmp_path, *given)
    assert ended.returncode == 2
    assert re.fullmatch(rf"kata: .*{words}.*\n", ended.stderr), ended.stderr
    assert took_s < 10


@pytest.mark.real_clock
def test_something_else_that_listens_at_the_address_is_told_within_seconds(tmp_path):
    """It takes the connection and never says anything."""
    pytest.importorskip("distributed", reason="the extra `dask` is not installed; CI installs it")
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended, took_s = _kata(tmp_path, "--dask", f"tcp://127.0.0.1:{server.getsockname()[1]}")
    assert ended.returncode == 2
    assert re.fullmatch(
        r"kata: There is no dask scheduler to be reached at .*: no answer within 4 s\..*\n", ended.stderr
    )
    assert took_s < 15


def _kata(folder: Path, *given: str) -> tuple[subprocess.CompletedProcess[str], float]:
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "grader", "grade", "no-such-folder", *given],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended, time.monotonic() - started
