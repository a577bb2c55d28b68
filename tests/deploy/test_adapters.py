"""The adapters under deploy/, run as far as they can be without their services."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
ANSWERS = ROOT / "solutions" / "04_gather_readings"
KATA = Path(sys.executable).with_name("kata")


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{KATA.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def autograder_with(tmp_path: Path, answer: Path) -> Path:
    """An /autograder as Gradescope lays it out for one submission."""
    root = tmp_path / "autograder"
    (root / "source").mkdir(parents=True)
    (root / "source" / "katas.txt").write_text("4\n")
    (root / "submission").mkdir()
    shutil.copy(answer, root / "submission" / "gather_readings.py")
    users = [{"id": 7, "name": "Jane Doe", "email": "jane@example.org"}]
    metadata = {
        "id": 1,
        "users": users,
        "created_at": "2030-01-01T10:00:00.000000-08:00",
        "assignment": {"due_date": "2030-01-02T10:00:00.000000-08:00"},
        "previous_submissions": [],
    }
    (root / "submission_metadata.json").write_text(json.dumps(metadata))
    return root


@pytest.mark.parametrize(
    ("answer", "is_right"), [("accepted/gather.py", True), ("rejected/awaited_in_a_loop.py", False)]
)
def test_gradescope_gets_results_for_a_submission(tmp_path: Path, answer: str, is_right: bool) -> None:
    root = autograder_with(tmp_path, ANSWERS / answer)
    script = DEPLOY / "gradescope" / "run_autograder"
    done = run([str(script)], tmp_path, AUTOGRADER_ROOT=str(root), KATA=str(KATA))
    assert done.returncode == 0, done.stderr
    results = json.loads((root / "results" / "results.json").read_text())
    possible = sum(test["max_score"] for test in results["tests"])
    assert (results["score"] == possible) is is_right
    assert results["score"] > 0
    assert {test["output_format"] for test in results["tests"]} <= {"text"}


def test_gradescope_gets_no_marks_where_nothing_can_be_judged(tmp_path: Path) -> None:
    root = autograder_with(tmp_path, ANSWERS / "accepted" / "gather.py")
    (root / "source" / "katas.txt").write_text("no_such_kata\n")
    script = DEPLOY / "gradescope" / "run_autograder"
    done = run([str(script)], tmp_path, AUTOGRADER_ROOT=str(root), KATA=str(KATA))
    assert done.returncode == 2
    assert not (root / "results" / "results.json").exists()


def test_gradescope_archive_holds_the_wheel_and_not_the_solutions(tmp_path: Path) -> None:
    build = str(DEPLOY / "gradescope" / "build")
    done = run([build, "4", "gather_readings"], tmp_path, OUT=str(tmp_path / "a.zip"), PYTHON=sys.executable)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = [Path(name).name for name in archive.namelist()]
        wheel = next(name for name in archive.namelist() if name.endswith(".whl"))
        assert archive.read("katas.txt").decode().split() == ["4", "gather_readings"]
        archive.extract(wheel, tmp_path)
    assert {"setup.sh", "run_autograder"} <= set(names)
    with zipfile.ZipFile(tmp_path / wheel) as packed:
        tops = {name.split("/")[0] for name in packed.namelist()}
    assert {"grader", "katas"} <= tops
    assert not tops & {"solutions", "tests", "docs"}


def test_the_classroom_workflow_judges_a_push(tmp_path: Path) -> None:
    workflow = yaml.safe_load((DEPLOY / "github" / "classroom.yml").read_text())
    job = workflow["jobs"]["grade"]
    step = next(step for step in job["steps"] if step.get("id") == "grade")
    handed_in = tmp_path / "handed-in" / "jane"
    handed_in.mkdir(parents=True)
    shutil.copy(ANSWERS / "accepted" / "gather.py", handed_in / "gather_readings.py")
    outputs = tmp_path / "outputs"
    done = run(["bash", "-e", "-c", step["run"]], tmp_path, GITHUB_OUTPUT=str(outputs), **job["env"])
    assert done.returncode == 0, done.stderr
    result = json.loads(base64.b64decode(outputs.read_text().removeprefix("result=").strip()))
    assert result["status"] == "pass"
    assert result["max_score"] == sum(test["score"] for test in result["tests"])
    stopped, resumed = re.findall(r"^::(?:stop-commands::)?(\w+)", done.stdout, re.MULTILINE)[:2]
    assert stopped == resumed


def test_the_dockerfile_copies_what_the_wheel_needs_and_starts_our_command() -> None:
    text = (DEPLOY / "docker" / "Dockerfile").read_text()
    copied = [name for line in re.findall(r"^COPY (.*)$", text, re.MULTILINE) for name in line.split()[:-1]]
    assert all((ROOT / name).exists() for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = {*project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"], "pyproject.toml"}
    assert needed | {project["project"]["readme"], *project["project"]["license-files"]} <= set(copied)
    entry_point = re.search(r'^ENTRYPOINT \["(\w+)"\]$', text, re.MULTILINE)
    assert entry_point is not None
    assert entry_point[1] in project["project"]["scripts"]
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
