"""The adapters under deploy/, run as far as they can be without their services."""

from __future__ import annotations

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

from grader.pythons import TESTED, supported_range

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


def autograder_with(tmp_path: Path, answer: Path, *others: str) -> Path:
    """An /autograder as Gradescope lays it out for one submission, by Jane and these others."""
    root = tmp_path / "autograder"
    (root / "source").mkdir(parents=True)
    (root / "source" / "katas.txt").write_text("4\n")
    (root / "submission").mkdir()
    shutil.copy(answer, root / "submission" / "gather_readings.py")
    names = ["jane", *others]
    users = [{"id": number, "name": it, "email": f"{it}@example.org"} for number, it in enumerate(names, 7)]
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


def test_gradescope_gets_one_result_for_a_group(tmp_path: Path) -> None:
    """It reads `results/results.json` and nothing else, whoever handed in together."""
    root = autograder_with(tmp_path, ANSWERS / "accepted" / "gather.py", "bob", "zoe")
    script = DEPLOY / "gradescope" / "run_autograder"
    done = run([str(script)], tmp_path, AUTOGRADER_ROOT=str(root), KATA=str(KATA))
    assert done.returncode == 0, done.stderr
    assert [path.relative_to(root) for path in root.rglob("results.json")] == [Path("results/results.json")]
    results = json.loads((root / "results" / "results.json").read_text())
    assert results["score"] == sum(test["max_score"] for test in results["tests"]) > 0


def test_gradescope_gets_no_marks_where_nothing_can_be_judged(tmp_path: Path) -> None:
    root = autograder_with(tmp_path, ANSWERS / "accepted" / "gather.py")
    (root / "source" / "katas.txt").write_text("no_such_kata\n")
    script = DEPLOY / "gradescope" / "run_autograder"
    done = run([str(script)], tmp_path, AUTOGRADER_ROOT=str(root), KATA=str(KATA))
    assert done.returncode == 2
    assert not (root / "results" / "results.json").exists()


def test_gradescope_archive_holds_the_wheel_and_no_rejected_answers(tmp_path: Path) -> None:
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
        inside = set(packed.namelist())
    tops = {name.split("/")[0] for name in inside}
    assert {"grader", "katas"} <= tops
    assert not [name for name in inside if "rejected" in name.split("/")]
    templates = {str(each.relative_to(ROOT)) for each in (ROOT / "grader/report/templates").iterdir()}
    assert templates and templates <= inside
    assert not tops & {"solutions", "tests", "docs"}


@pytest.mark.parametrize(
    "arguments", [[], ["99", "nonsense"], ["4", "5x"], [""], ["../katas"], ["4 5"], ["*"], ["--help"]]
)
def test_gradescope_archive_is_not_built_for_what_is_no_kata(tmp_path: Path, arguments: list[str]) -> None:
    """Every submission would fail where nobody looks."""
    build = str(DEPLOY / "gradescope" / "build")
    done = run([build, *arguments], tmp_path, OUT=str(tmp_path / "a.zip"), PYTHON="/bin/false")
    assert done.returncode == 2
    assert "usage: build KATA" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    if len(arguments) == 2:
        assert f"there is no kata '{arguments[1]}'" in done.stderr or "'99'" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["4", "04", "gather_readings", "04_gather_readings", "10"])
def test_gradescope_archive_takes_katas_by_number_slug_or_folder(tmp_path: Path, name: str) -> None:
    """It gets as far as building the wheel, which is left to fail here."""
    done = run([str(DEPLOY / "gradescope" / "build"), name], tmp_path, PYTHON="/bin/false")
    assert (done.returncode, done.stderr) == (1, "")


def image(folder: Path, **pythons: str) -> str:
    """A PATH: an apt-get that does nothing, and Pythons of these versions that note what they are told."""
    folder.mkdir()
    scripts = {"apt-get": "exit 0"}
    for name, version in pythons.items():
        refused = int(version.rpartition(".")[0] not in TESTED)
        scripts[name.replace("_", ".")] = (
            f'case "$1" in --version) echo "Python {version}" ;; -c) exit {refused} ;; '
            f'*) echo "{version} $*" >>"{folder}/told"; mkdir -p "$3/bin"; '
            f'for it in pip kata; do printf "#!/bin/sh\\n" >"$3/bin/$it"; chmod +x "$3/bin/$it"; done ;; esac'
        )
    for name, body in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    for name in ("sh", "bash", "env", "mkdir", "chmod"):
        (folder / name).symlink_to(shutil.which(name) or name)
    return str(folder)


def set_up(tmp_path: Path, path: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "KATA_HOME": str(tmp_path / "home"), "AUTOGRADER_ROOT": str(tmp_path)}
    return subprocess.run(
        [str(DEPLOY / "gradescope" / "setup.sh")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("version", ["3.10.12", "3.99.1"])
def test_gradescope_image_with_another_python_is_refused_in_words(tmp_path: Path, version: str) -> None:
    """Its builder shows this; pip's own words would be of a wheel that fits no platform."""
    done = set_up(tmp_path, image(tmp_path / "bin", python3=version))
    assert done.returncode == 1
    assert f"kata needs Python {supported_range()}, and this image has Python {version}" in done.stderr
    assert "Ubuntu 24.04" in done.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    ("pythons", "chosen"),
    [({"python3": "3.12.3"}, "3.12.3"), ({"python3": "3.10.12", "python3_11": "3.11.9"}, "3.11.9")],
)
def test_gradescope_image_uses_the_newest_python_that_it_has(
    tmp_path: Path, pythons: dict[str, str], chosen: str
) -> None:
    done = set_up(tmp_path, image(tmp_path / "bin", **pythons))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "bin" / "told").read_text() == f"{chosen} -m venv {tmp_path / 'home'}\n"


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
    user = re.search(r"^USER (\w+)", text, re.MULTILINE)
    assert user is not None
    assert user[1] != "root"
    assert f"install -d -o {user[1]} /out" in text, "the user can write where the readme writes"


def test_the_readme_runs_the_container_as_whoever_owns_the_folder_that_is_written_to() -> None:
    """A folder that Docker has to make belongs to root, and the image's user could not write to it."""
    text = (DEPLOY / "README.md").read_text()
    assert text.index("mkdir -p grades") < text.index("docker run")
    assert '--user "$(id -u):$(id -g)"' in text


def test_every_page_that_the_readmes_lead_to_is_there() -> None:
    for page in (ROOT / "README.md", DEPLOY / "README.md", ROOT / "docs" / "instructors.md"):
        for link in re.findall(r"\]\(([^)#]+)", page.read_text()):
            assert "://" in link or (page.parent / link).exists(), f"{page}: {link}"
