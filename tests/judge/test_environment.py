"""Nothing from outside reaches the judge's pytest or a guest: variables, folders, plugins, locale."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.catalog import load_catalog
from grader.judge.launch import environment

ANSWER = Path(__file__).parents[2] / "solutions" / "04_gather_readings" / "accepted" / "gather.py"
LOOKS_AROUND = """
import hashlib, locale, os, sys, time, warnings
seen = [sorted(os.environ.items()), list({"a", "b", "c", "d"}), sys.flags, warnings.filters, sys.path]
seen += [locale.getlocale(), sys.stdin.encoding, sys.stdout.encoding, open(os.devnull).encoding, time.tzname]
try:
    import strange_module
except ImportError:
    raise LookupError(hashlib.sha256(repr(seen).encode()).hexdigest())
"""
"""Fails at once, and tells apart all that it sees of its surroundings."""
VARIABLES = {
    "PYTEST_ADDOPTS": "--no-such-option -k nothing",
    "PYTEST_PLUGINS": "no_such_plugin",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTEST_DEBUG": "1",
    "PYTEST_TIMEOUT": "0.000001",
    "PYTHONWARNINGS": "error",
    "PYTHONASYNCIODEBUG": "1",
    "PYTHONDEVMODE": "1",
    "PYTHONHASHSEED": "7",
    "PYTHONIOENCODING": "latin-1",
    "PYTHONBREAKPOINT": "no.such",
    "PYTHONTRACEMALLOC": "5",
    "PYTHONNODEBUGRANGES": "1",
    "COLUMNS": "7",
    "LINES": "3",
    "LANG": "no_SUCH.latin1",
    "LC_ALL": "POSIX",
    "TZ": "Asia/Tokyo",
    "CI": "true",
    "FORCE_COLOR": "1",
    "PY_COLORS": "1",
    "NO_COLOR": "1",
}
SETTINGS = {
    "pytest.ini": "[pytest]\naddopts = --no-such-option\n",
    "tox.ini": "[pytest]\naddopts = --no-such-option\n",
    "setup.cfg": "[tool:pytest]\naddopts = --no-such-option\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--no-such-option"\n',
    "conftest.py": "raise SystemExit('conftest')\n",
    "sitecustomize.py": "raise SystemExit('site')\n",
    "pytest_asyncio.py": "raise SystemExit('shadowed')\n",
}


def judged(folder: Path, file: Path, **variables: str) -> dict[str, Any]:
    """What `kata check --json` says there, without how long it took."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("PYT")}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "grader", "check", "4", "--file", str(file), "--json"],
        cwd=folder,
        env={**clean, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.stdout, done.stderr[-2000:]
    said: dict[str, Any] = json.loads(done.stdout)
    said.pop("elapsed_wall_ms", None)
    return said


@pytest.fixture(params=["right", "looks around"])
def answer(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A right answer, and one that tells what it sees."""
    file = tmp_path / "answer.py"
    file.write_text(ANSWER.read_text() if request.param == "right" else LOOKS_AROUND)
    return file


def test_no_variable_of_the_environment_changes_what_is_judged_or_seen(tmp_path: Path, answer: Path) -> None:
    (tmp_path / "strange_module.py").write_text("")
    calm = judged(tmp_path, answer)
    assert calm["verdict"] == ("NOT_LOADABLE" if "LookupError" in answer.read_text() else "ACCEPTED")
    wild = judged(tmp_path, answer, PYTHONPATH=str(tmp_path), **VARIABLES)
    assert wild == calm


def test_no_settings_of_the_folder_or_those_above_change_anything(tmp_path: Path, answer: Path) -> None:
    calm = judged(tmp_path, answer)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    for folder in (tmp_path, below):
        for name, text in SETTINGS.items():
            (folder / name).write_text(text)
    assert judged(below, answer) == calm


def test_a_suite_run_with_pytests_own_output_is_left_alone_too(tmp_path: Path) -> None:
    """`kata dev test`."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "grader", "dev", "test", "4", "--file", str(ANSWER)],
        cwd=tmp_path,
        env={**os.environ, **VARIABLES},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    checks = load_catalog().find("4").suite.read_text().count("async def test_")
    assert f"{checks} passed" in done.stdout


def test_a_guests_environment_is_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    before = environment()
    for name, text in VARIABLES.items():
        monkeypatch.setenv(name, text)
    assert environment() == before
