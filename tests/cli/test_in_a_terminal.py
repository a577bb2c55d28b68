"""The real thing, from `kata init` to a verdict: as a subprocess, and in a real terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.catalog import answers, load_catalog

if sys.platform == "win32":
    pytest.skip("pexpect's terminals are POSIX's", allow_module_level=True)

import pexpect

KATA = load_catalog().find("first_coroutine")
ANSWER = answers(KATA)[0]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\r")


def kata(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`kata ARGUMENTS` as a script would run it."""
    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, "PYTHONPATH": str(KATA.folder.parents[1]), "PYTHONUTF8": "1", **environment},
        check=False,
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("practice")
    assert kata("init", cwd=folder).returncode == 0
    return folder


@pytest.fixture
def mine(workspace: Path) -> Iterator[Path]:
    """The learner's file; the stub again afterwards."""
    file = workspace / KATA.name / f"{KATA.slug}.py"
    stub = file.read_bytes()
    yield file
    file.write_bytes(stub)


class Terminal:
    """`kata ARGUMENTS` in a terminal of 100 columns; `screen` is what was written to it, without escapes."""

    def __init__(self, cwd: Path, *arguments: str, **environment: str) -> None:
        variables = {
            **os.environ,
            "PYTHONPATH": str(KATA.folder.parents[1]),
            "TERM": "xterm",
            "PYTHONUTF8": "1",
        }
        variables.pop("NO_COLOR", None)
        self.raw = ""
        self._child = pexpect.spawn(
            sys.executable,
            ["-m", "grader", *arguments],
            cwd=str(cwd),
            env={**variables, **environment},
            dimensions=(40, 100),
            encoding="utf-8",
            timeout=60,
        )

    def see(self, words: str) -> None:
        """Wait until the terminal shows this."""
        self._child.expect_exact(words)
        self.raw += self._child.before + words

    def press(self, keys: str) -> None:
        self._child.send(keys)

    def end(self) -> int:
        """Wait for the end; its exit code."""
        self._child.expect(pexpect.EOF)
        self.raw += self._child.before
        self._child.wait()  # the terminal may be closed a moment before the process ends
        self._child.close()
        return int(self._child.exitstatus if self._child.exitstatus is not None else -1)

    @property
    def screen(self) -> str:
        return ESCAPES.sub("", self.raw)


def test_an_untouched_stub_is_no_attempt(workspace, mine):
    """It is told as what it is, and nothing is remembered."""
    untouched = kata("check", "1", cwd=workspace)
    assert (untouched.returncode, untouched.stderr) == (1, "")
    assert "still the stub" in untouched.stdout
    assert "kata show 1" in untouched.stdout
    assert '"attempts"' not in (workspace / ".kata" / "progress.json").read_text()


def test_the_stub_is_rejected_once_begun_and_an_answer_accepted(workspace, mine):
    """Exit codes 1 and 0, and the list remembers it."""
    mine.write_bytes(mine.read_bytes() + b"\n# begun\n")
    rejected = kata("check", "1", cwd=workspace)
    assert (rejected.returncode, rejected.stderr) == (1, "")
    assert "Not accepted" in rejected.stdout
    assert "\x1b" not in rejected.stdout
    mine.write_bytes(ANSWER.read_bytes())
    accepted = kata("check", cwd=workspace)
    assert accepted.returncode == 0
    assert "Accepted" in accepted.stdout
    assert "accepted" in kata("list", "--unit", "1", cwd=workspace).stdout


def test_the_stub_runs_as_a_script(workspace, mine):
    """It works, and each print has its virtual time."""
    ran = kata("run", "1", cwd=workspace)
    assert ran.returncode == 0
    assert re.match(r" +\S+ m?s │ ", ran.stdout)


DEBUGGED = """\
import asyncio


async def main():
    boats = 41
    print("before")
    await asyncio.sleep(90)
    breakpoint()
    await asyncio.sleep(1)
    print("boats", boats)


asyncio.run(main())
"""


def test_a_breakpoint_gives_the_terminal_to_a_debugger(workspace, tmp_path):
    """Time stands still at the prompt; variables can be seen and set; what was printed before is shown."""
    file = tmp_path / "debugged.py"
    file.write_text(DEBUGGED)
    terminal = Terminal(workspace, "run", "1", "--file", str(file))
    terminal.see("(90 s) ")
    assert "before" in terminal.screen
    line = 8 if sys.version_info >= (3, 13) else 9  # where pdb stops: at the call itself, or after it
    assert f"debugged.py({line})main()" in terminal.screen
    terminal.press("p boats\r")
    terminal.see("41")
    terminal.see("(90 s) ")
    terminal.press("boats = 42\r")
    terminal.see("(90 s) ")
    terminal.press("c\r")
    assert terminal.end() == 0
    assert "91 s │ boats 42" in terminal.screen


def test_quitting_the_debugger_ends_the_script(workspace, tmp_path):
    """And is no failure."""
    file = tmp_path / "debugged.py"
    file.write_text(DEBUGGED)
    terminal = Terminal(workspace, "run", "1", "--file", str(file))
    terminal.see("(90 s) ")
    terminal.press("q\r")
    assert terminal.end() == 0
    assert "It took 90 s" in terminal.screen
    assert "failed" not in terminal.screen


def test_a_terminal_gets_colour_and_both_timelines(workspace, mine):
    """Drawn within the terminal's width."""
    mine.write_bytes(mine.read_bytes() + b"\n# begun\n")
    terminal = Terminal(workspace, "check", "1")
    assert terminal.end() == 1
    assert "\x1b[31m" in terminal.raw
    assert "yours" in terminal.screen
    assert max(map(len, terminal.screen.splitlines())) <= 100


def test_a_terminal_gets_the_statement_rendered(workspace):
    """Markdown's signs are gone; the figures come from running the stub in the kata's world."""
    terminal = Terminal(workspace, "show", "1")
    assert terminal.end() == 0
    assert "## " not in terminal.screen
    assert re.search(r"^\d\S* s today, \d\S* s possible\.$", terminal.screen, re.MULTILINE)


def test_a_terminal_in_ascii_gets_plain_signs(workspace):
    """No sign that it cannot show, and no error."""
    for width in ("120", "45"):
        plain = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "COLUMNS": width}
        listed = kata("list", cwd=workspace, **plain)
        assert (listed.returncode, listed.stderr) == (0, "")
        assert "…" not in listed.stdout
        assert "?" not in listed.stdout


def test_watch_judges_at_every_save_and_obeys_its_keys(workspace, mine):
    """Start, a hint, a save that is accepted, the list, quit; the terminal is as before."""
    terminal = Terminal(workspace, "watch", "1")
    terminal.see("still the stub")
    terminal.see("q quit")
    mine.write_bytes(mine.read_bytes() + b"\n# begun\n")
    terminal.see("Not accepted")
    terminal.see("q quit")
    terminal.press("h")
    terminal.see("hint 1 of")
    terminal.see("q quit")
    mine.write_bytes(ANSWER.read_bytes())
    terminal.see("Accepted")
    terminal.see("q quit")
    terminal.press("l")
    terminal.see("accepted")
    terminal.see("q quit")
    terminal.press("q")
    assert terminal.end() == 0


def test_ctrl_c_ends_a_watch_quietly(workspace, mine):
    """130, no traceback, and nothing left running."""
    terminal = Terminal(workspace, "watch", "1")
    terminal.see("q quit")
    terminal.press("\x03")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.raw


def test_a_race_is_run_in_place(workspace, mine):
    """Frames over each other, then the sum."""
    began = time.monotonic()
    terminal = Terminal(workspace, "race", "1", "--speed", "100")
    assert terminal.end() == 0
    assert "the stub took" in terminal.screen.lower()
    assert "\x1b[8A" in terminal.raw
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("plain", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_race_without_escapes_shows_its_end(workspace, mine, plain):
    terminal = Terminal(workspace, "race", "1", **plain)
    assert terminal.end() == 0
    assert "The stub took" in terminal.raw
    assert "\x1b" not in terminal.raw


def test_ctrl_c_ends_a_check_of_code_that_never_yields(workspace, mine):
    """At once, not at the time limit; quietly, and without a verdict remembered."""
    mine.write_text("def boil(cups):\n    while True:\n        pass\n\n\nmain = boil\n")
    before = (workspace / ".kata" / "progress.json").read_bytes()
    began = time.monotonic()
    terminal = Terminal(workspace, "check", "1")
    terminal.see(KATA.title)
    terminal.press("\x03")
    assert terminal.end() == 130
    assert "Traceback" not in terminal.raw
    assert (workspace / ".kata" / "progress.json").read_bytes() == before
    assert time.monotonic() - began < KATA.limits.wall_s
