"""A judge that hangs neither keeps the terminal for ever nor keeps Ctrl-C from ending it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITE = """
import pathlib, signal

async def test_a_number_comes_back(kata):
    answer = await kata.call("read_all", [])
    pathlib.Path("reached").touch()
    if answer == "crash":
        signal.raise_signal(signal.SIGSEGV)
    if answer == "crash once" and not pathlib.Path("crashed").exists():
        pathlib.Path("crashed").touch()
        signal.raise_signal(signal.SIGSEGV)
    if answer == "eat":
        bytearray(1 << 50)
    if answer == "hang":
        sum(range(10**12))  # one long call, in which no signal is looked at
    assert answer in ("well", "crash once")
"""
KATA = """
import sys
from grader.cli import guard
from grader.__main__ import main
guard.PATIENCE_S = {patience}
sys.argv[0] = "kata"
main()
"""

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="nobody watches where there is no fork"),
    pytest.mark.real_clock,
]


def start(folder: Path, answer: str, *options: str, patience_s: float = 60) -> subprocess.Popen[str]:
    (folder / "suite.py").write_text(SUITE)
    (folder / "4.py").write_text(f"async def read_all(names):\n    return {answer!r}\n")
    code = KATA.format(patience=patience_s)
    return subprocess.Popen(
        [sys.executable, "-c", code, "check", "4", "--file", "4.py", "--suite", "suite.py", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    said, aside = process.communicate(timeout=100)
    assert not session_of(process.pid), "it leaves no process behind"
    return process.returncode, said, aside


def session_of(pid: int) -> list[str]:
    """Who is left of a session, after a moment to end in."""
    for _ in range(500):
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == pid and fields[0] != "Z":
                found.append(stat.parent.name)
        if not found:
            break
        time.sleep(0.02)
    return found


def test_an_answer_that_is_judged_is_told_as_ever(tmp_path):
    """Once, and with the command's own exit code."""
    code, said, aside = ended(start(tmp_path, "well"))
    assert (code, said.count("Kata 4:"), aside) == (0, 1, "")
    code, said, _ = ended(start(tmp_path, "ill"))
    assert (code, said.count("Not accepted")) == (1, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say what a process has done")
def test_a_judge_that_is_at_work_and_gets_no_further_twice_is_a_limit(tmp_path):
    """In words, and with the exit code of an answer that is not accepted."""
    code, said, aside = ended(start(tmp_path, "hang", patience_s=2))
    assert (code, aside) == (1, "")
    assert "takes the judge too long" in said
    assert "Not accepted: over the time limit" in said


@pytest.mark.parametrize("answer", ["crash", "eat"])
def test_a_judge_that_crashes_or_has_no_memory_left_is_a_limit_in_json_too(tmp_path, answer):
    """One object, whatever happened."""
    code, said, aside = ended(start(tmp_path, answer, "--json"))
    assert (code, aside) == (1, "")
    assert json.loads(said)["verdict"] == "MEMORY_LIMIT"


def test_a_crash_that_does_not_happen_again_says_nothing(tmp_path):
    code, said, _ = ended(start(tmp_path, "crash once", "--json"))
    assert (code, json.loads(said)["verdict"]) == (0, "ACCEPTED")


@pytest.mark.parametrize("everybody", [False, True], ids=["the command alone", "the whole group"])
def test_ctrl_c_ends_a_judge_that_hears_nothing(tmp_path, everybody):
    """A terminal tells the whole group, and `kill -INT` the command alone."""
    process = start(tmp_path, "hang")
    while not (tmp_path / "reached").exists():
        assert process.poll() is None
        time.sleep(0.02)
    (os.killpg if everybody else os.kill)(process.pid, signal.SIGINT)
    code, _, aside = ended(process)
    assert (code, aside) == (130, "")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems leave the child to end by itself")
def test_a_judge_ends_with_the_command_that_started_it(tmp_path):
    """However it is ended."""
    process = start(tmp_path, "hang")
    while not (tmp_path / "reached").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    assert ended(process)[0] == -signal.SIGKILL
