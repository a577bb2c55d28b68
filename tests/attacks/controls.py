"""What shows that an attack works where nothing holds it: the positive control of each file.

exit code, stdout, json, junit, clock    a naive in-process grader takes the file for a right answer
pytest                                   a plain run of pytest does
attempt                                  `attempt()` says True in an ordinary process of Python's
attempt twice                            the second time in one process
crash                                    `attempt()` ends an ordinary process by a signal
says TEXT                                the same way was used for TEXT, and TEXT reached the judge
none: REASON                             there can be none, and why
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import grader
from tests.attacks.attack import Attack

HERE = Path(__file__).parent
ROOT = Path(grader.__file__).parent.parent
PYTEST = """
import asyncio, solution
def test_readings():
    assert asyncio.run(solution.read_all(["a", "b", "c"])) == [11, 22, 33]
"""
ATTEMPT = """
import solution
answer = [solution.attempt() for _ in range({times})][-1]
print("HARM DONE" if answer else "held back", flush=True)
"""


def naive(attack: Attack, folder: Path) -> bool:
    """Whether the naive grader takes the file for a right answer, by the channel that it names."""
    for name in ("naive.py", "checker.py"):
        (folder / name).write_text((HERE / name).read_text())
    done = _python(folder, "naive.py", attack.control)
    if attack.control == "stdout":
        return bool(done.stdout.split()) and done.stdout.split()[-1] == "PASSED"
    if attack.control == "json":
        return bool(json.loads((folder / "result.json").read_text())["accepted"])
    if attack.control == "junit":
        return 'failures="0"' in (folder / "junit.xml").read_text()
    return done.returncode == 0


def plain_pytest(attack: Attack, folder: Path) -> bool:
    """Whether a plain run of pytest ends with exit code 0, or its report has no failure."""
    (folder / "test_solution.py").write_text(PYTEST)
    options = ("-q", "-p", "no:cacheprovider", "--rootdir=.", "--junitxml=junit.xml")
    done = _python(folder, "-m", "pytest", *options)
    report = folder / "junit.xml"
    found = re.search(r'failures="(\d+)"', report.read_text()) if report.exists() else None
    return done.returncode == 0 or (found is not None and found[1] == "0")


def attempted(attack: Attack, folder: Path) -> bool:
    """Whether the harm is done in an ordinary process."""
    times = 2 if attack.control == "attempt twice" else 1
    # An ordinary process has some of its parent's descriptors: more than a guest, which has its wire only.
    with open(os.devnull) as one, open(os.devnull) as another:  # noqa: PTH123  # for their descriptors
        inherited = (one.fileno(), another.fileno())
        return "HARM DONE" in _python(folder, "-c", ATTEMPT.format(times=times), inherited=inherited).stdout


def crashed(attack: Attack, folder: Path) -> bool:
    return _python(folder, "-c", "import solution; solution.attempt()").returncode < 0


CONTROLS = {
    **dict.fromkeys(("exit code", "stdout", "json", "junit", "clock"), naive),
    **dict.fromkeys(("attempt", "attempt twice"), attempted),
    "pytest": plain_pytest,
    "crash": crashed,
}


def _python(
    folder: Path, *arguments: str, inherited: tuple[int, ...] = ()
) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "ATTACK_SECRET": "1",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        errors="replace",
        pass_fds=inherited,
    )
