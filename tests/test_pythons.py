"""Which Pythons are supported: every text says the same, and any other Python is refused in one line."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import grader
from grader.pythons import TESTED, supported_range

ROOT = Path(grader.__file__).parents[1]
NEWEST = int(TESTED[-1].partition(".")[2])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# -- every text says the same ----------------------------------------------------------------------
def test_the_package_says_which_pythons_it_is_for() -> None:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    prefix = "Programming Language :: Python :: "
    classified = [one.removeprefix(prefix) for one in project["classifiers"] if one.startswith(prefix)]
    assert tuple(classified) == TESTED
    assert project["requires-python"] == f">={TESTED[0]}"


def test_nox_runs_on_every_supported_python() -> None:
    pytest.importorskip("nox")
    assert runpy.run_path(str(ROOT / "noxfile.py"))["PYTHONS"] == list(TESTED)


def test_the_hosts_workflow_runs_on_every_supported_python() -> None:
    jobs = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]
    assert tuple(jobs["linux"]["strategy"]["matrix"]["python"]) == TESTED
    assert f"smoke-{TESTED[-1]}" in jobs["smoke"]["steps"][-1]["run"]


@pytest.mark.parametrize("name", ["README.md", "deploy/README.md", "deploy/gradescope/setup.sh"])
def test_texts_name_the_supported_range_and_no_other(name: str) -> None:
    text = read(name)
    assert set(re.findall(r"3\.\d+ to 3\.\d+", text)) == {supported_range()}
    assert "or newer (with venv" not in text


def test_the_gradescope_image_looks_for_every_supported_python_newest_first() -> None:
    text = read("deploy/gradescope/setup.sh")
    assert "for one in " + " ".join(f"python{one}" for one in reversed(TESTED)) + " python3;" in text
    assert f"not (3, 11) <= sys.version_info[:2] <= (3, {NEWEST})" in text


# -- any other Python ------------------------------------------------------------------------------
def told_by(change: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What `kata` says on a Python that this change to `sys` makes of ours."""
    run = "from grader.__main__ import main; main()"
    script = f"import sys; {change}; sys.argv[1:] = {list(arguments)}; {run}"
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT
    )


OTHERS = {
    "too_new": (f"sys.version_info = (3, {NEWEST + 1}, 0, 'final', 0)", f"CPython 3.{NEWEST + 1}.0"),
    "a_preview_of_the_next": (f"sys.version_info = (3, {NEWEST + 1}, 0, 'alpha', 1)", f"3.{NEWEST + 1}.0"),
    "too_old": ("sys.version_info = (3, 10, 13, 'final', 0)", "CPython 3.10.13"),
    "free_threaded": ("sys.version = '3.14.0 free-threading build (main)'", "the free-threaded build of"),
    "another_kind": ("sys.implementation.name = 'pypy'", "PyPy 3."),
}


@pytest.mark.parametrize("arguments", [[], ["doctor"], ["check", "4"], ["--version"], ["no-such-command"]])
@pytest.mark.parametrize("name", OTHERS)
def test_an_untested_python_is_one_line_and_exit_code_2(name: str, arguments: list[str]) -> None:
    change, found = OTHERS[name]
    told = told_by(change, *arguments)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith(f"kata: kata needs CPython {supported_range()}")
    assert told.stderr.count("\n") == 1
    assert found in told.stderr


def test_this_python_is_not_refused() -> None:
    told = told_by("pass", "--version")
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("name", ["__init__", "__main__", "pythons"])
def test_an_old_python_can_read_what_refuses_it(name: str) -> None:
    """From 3.7 on, whose `from __future__ import annotations` is the newest thing in it."""
    ast.parse(read(f"grader/{name}.py"), feature_version=(3, 7))
