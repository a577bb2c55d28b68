"""The grader where the platform lacks what only Linux or only Unix has, as far as that can be imitated."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from imitated import ROOT, UNBOUNDED, lay_out

import grader
from grader.guest.sandbox import process
from grader.records import Limits

resource = pytest.importorskip("resource", reason="the imitations are made on Linux")
if sys.platform != "linux":
    pytest.skip("the imitations are made on Linux", allow_module_level=True)

_AS_ON_WINDOWS = """
import asyncio, os, signal, subprocess, sys
for name in ("fcntl", "_posixsubprocess", "pwd", "grp", "resource"):
    sys.modules[name] = None
for name in ("fork", "kill", "killpg", "pipe2", "sendfile", "set_blocking", "get_blocking", "getpgid",
             "getpgrp", "wait", "WNOHANG", "posix_spawn", "setsid", "waitid", "wait3", "wait4"):
    vars(os).pop(name, None)
for name in ("SIGKILL", "SIGSTOP", "SIGCHLD", "SIGPIPE", "SIGTSTP", "siginterrupt", "set_wakeup_fd",
             "pthread_kill", "setitimer", "alarm", "pause", "sigwait"):
    vars(signal).pop(name, None)
del subprocess._fork_exec
import importlib, pkgutil, grader.sim
for module in pkgutil.walk_packages(grader.sim.__path__, "grader.sim."):
    part = importlib.import_module(module.name)
    if module.name.startswith("grader.sim.shims.") and hasattr(part, "patches"):
        assert part.patches()
"""


def test_importing_needs_nothing_that_windows_lacks() -> None:
    """Without fcntl, fork, SIGKILL and their kin the modules import, and their patches are made."""
    root = Path(grader.__file__).parent.parent
    subprocess.run([sys.executable, "-c", _AS_ON_WINDOWS], check=True, cwd=root)


# -- the whole of `kata`, as on another platform ---------------------------------------------------
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),  # A whole learner's way is a dozen commands.
]
PLATFORMS = ("win32", "darwin")
ANSWERS = ROOT / "solutions" / "04_gather_readings"


class Elsewhere:
    """Commands in a workspace on an imitated platform."""

    def __init__(self, platform: str, tmp_path: Path) -> None:
        self.platform = platform
        self.home = tmp_path / "home"
        self.home.mkdir()
        lay_out(self.home, platform)
        self.folder = tmp_path / "practice"
        self.folder.mkdir()
        self.kata("init")

    def kata(self, *arguments: str, ends_with: int = 0, typed: str = "") -> str:
        """What the command printed; its exit code must be that one."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "grader", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.home), "KATA_DEBUG": "1", "PYTHONIOENCODING": "cp1252"},
            input=typed,
            capture_output=True,
            encoding="cp1252",
            check=False,
            timeout=300,
        )
        assert done.returncode == ends_with, (arguments, done.stdout[-2000:], done.stderr[-2000:])
        assert "Traceback" not in done.stdout + done.stderr
        return done.stdout


@pytest.fixture(params=PLATFORMS)
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Elsewhere:
    return Elsewhere(request.param, tmp_path)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("accepted/gather.py", "ACCEPTED"),
        ("accepted/queue_and_workers.py", "ACCEPTED"),
        ("rejected/awaited_in_a_loop.py", "NOT_CONCURRENT"),
    ],
)
def test_an_answer_is_judged_elsewhere_as_it_is_here(elsewhere: Elsewhere, answer: str, verdict: str) -> None:
    code = 0 if verdict == "ACCEPTED" else 1
    told = elsewhere.kata("check", "4", "--file", str(ANSWERS / answer), "--json", ends_with=code)
    judgement = json.loads(told)
    assert judgement["verdict"] == verdict
    assert judgement["isolation"] == "none"


def test_what_a_platform_cannot_bound_is_said(elsewhere: Elsewhere) -> None:
    told = " ".join(elsewhere.kata("doctor").split())
    unbounded = {"win32": "Windows has none", "darwin": "this system does not bound memory"}
    assert unbounded[elsewhere.platform] in told
    assert "only Linux has Landlock" in told


def test_a_learner_gets_through_a_kata_elsewhere(elsewhere: Elsewhere) -> None:
    """Each command, on a console that knows only the Windows characters of Western Europe."""
    mine = elsewhere.folder / "04_gather_readings" / "gather_readings.py"
    elsewhere.kata("show", "4")
    mine.write_bytes(mine.read_bytes() + b"\n# begun\n")
    elsewhere.kata("check", "4", ends_with=1)
    elsewhere.kata("hint", "4")
    elsewhere.kata("timeline", "4")
    elsewhere.kata("run", "4")
    mine.write_bytes((ANSWERS / "accepted" / "gather.py").read_bytes())
    assert "accepted" in elsewhere.kata("check", os.fspath(mine)).lower()
    elsewhere.kata("race", "4")
    assert "# -- gather" in elsewhere.kata("solution", "4")
    elsewhere.kata("progress")
    elsewhere.kata("list")


def test_a_debugger_has_the_terminal_elsewhere(elsewhere: Elsewhere) -> None:
    """The wire is two pipes of its own, since standard input and output are the debugger's."""
    mine = elsewhere.folder / "04_gather_readings" / "gather_readings.py"
    mine.write_text("breakpoint()\nprint('went', 'on')\n", encoding="utf-8")
    assert "went on" in elsewhere.kata("run", "4", typed="continue\n")


@pytest.mark.real_clock
def test_the_real_clock_runs_elsewhere(tmp_path: Path) -> None:
    """Of macOS the imitation has no single loopback address: that check is left out there."""
    windows = Elsewhere("win32", tmp_path)
    answer = str(ANSWERS / "accepted" / "gather.py")
    told = json.loads(windows.kata("check", "4", "--file", answer, "--clock", "real", "--json"))
    assert told["verdict"] == "ACCEPTED"


def test_a_class_is_graded_elsewhere_by_who_says_that_its_code_is_trusted(elsewhere: Elsewhere) -> None:
    for name, answer in (("ann", "accepted/gather.py"), ("bob", "rejected/awaited_in_a_loop.py")):
        folder = elsewhere.folder / "class" / name
        folder.mkdir(parents=True)
        folder.joinpath("gather_readings.py").write_bytes((ANSWERS / answer).read_bytes())
    elsewhere.kata("grade", "class", "--kata", "4", "--jobs", "1", ends_with=2)
    summed = json.loads(
        elsewhere.kata("grade", "class", "--kata", "4", "--jobs", "1", "--isolation", "best", "--json")
    )
    assert summed["judged"] == 2, summed


# -- what only one function does -------------------------------------------------------------------
def test_descriptors_are_never_counted_up_to_what_the_system_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none are listed: macOS allows 2**63 - 1."""

    def missing(folder: Path) -> NoReturn:
        raise FileNotFoundError(folder)

    monkeypatch.setattr(Path, "iterdir", missing)
    monkeypatch.setattr(os, "sysconf", lambda name: UNBOUNDED)
    assert len(list(process._open_descriptors())) < 100_000


def test_a_limit_that_the_system_refuses_is_a_level_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(which: int, limits: tuple[int, int]) -> NoReturn:
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refused)
    said = process.set_limits(Limits())
    assert said == "limits: this system does not bound memory or CPU time or descriptors"


def test_no_module_asks_at_import_for_what_only_one_platform_has(elsewhere: Elsewhere) -> None:
    """Every module that is not one platform's own; `kata` imports most of them only when needed."""
    own = {"grader.guest.zygote", "grader.guest.__main__", "grader.__main__"}
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "grader").rglob("*.py"))
        if "suites" not in path.parts and path.name != "__init__.py"
    ]
    wanted = [name for name in names if name not in own]
    script = f"import importlib\nfor name in {wanted!r}: importlib.import_module(name)\n"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        env={**os.environ, "PYTHONPATH": str(elsewhere.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
