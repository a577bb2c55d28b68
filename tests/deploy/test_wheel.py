"""The wheel: what is in it, and that all a learner needs works where nothing else is installed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(500),  # The first test builds, makes an environment and installs.
]
ROOT = Path(__file__).parents[2]
ODD = "it's $HOME, né `1`"
"""A folder's name with all that a shell would take for its own."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "wheel", "--no-deps"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(ROOT)], check=True, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that has the wheel, what it asks for, and nothing else."""
    home = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(home, with_pip=True, symlinks=os.name != "nt")
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(programs / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*pip, str(wheel)], check=True, cwd=home)
    subprocess.run([str(programs / "python"), "-m", "pip", "check"], check=True, capture_output=True)
    return programs


class Learner:
    """Somebody in a folder of theirs, with nothing but the installed wheel."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self.folder = folder

    def type(self, command: str) -> subprocess.CompletedProcess[str]:
        """What a shell makes of a line."""
        ours = ("PYTHON", "VIRTUAL")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        path = f"{self._programs}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env={**kept, "PATH": path, "LC_ALL": "C.UTF-8", "COLUMNS": "80"},
            input="",
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=300,
        )

    def kata(self, arguments: str, ends_with: int = 0) -> str:
        done = self.type(f"kata {arguments}")
        assert done.returncode == ends_with, (arguments, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout


@pytest.fixture
def learner(installed: Path, tmp_path: Path) -> Learner:
    outside = Learner(installed, tmp_path)
    folder = tmp_path / ODD
    folder.mkdir()
    outside.folder = folder
    outside.kata("init my-katas")
    outside.folder = folder / "my-katas"
    return outside


def accepted(number: int) -> Path:
    (folder,) = (ROOT / "solutions").glob(f"{number:02}_*")
    return min((folder / "accepted").glob("*.py"))


# -- what is in it ---------------------------------------------------------------------------------
def test_the_wheel_has_what_it_must_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = {name for name in packed.namelist() if not name.endswith("/")}
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no checkout")
    there = {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    expected = {name for name in there if name.startswith(("grader/", "katas/"))}
    are_accepted = re.compile(r"solutions/[^/]+/accepted/[^/]+\.py")
    expected |= {f"grader/{name}" for name in there if are_accepted.fullmatch(name)}
    about = {name for name in names if re.match(r"async_katas-[^/]+\.dist-info/", name)}
    assert names - about == expected
    ours = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "LICENSE"}
    assert {Path(name).name for name in about} == ours


def test_every_kata_has_accepted_answers_in_the_wheel_and_no_rejected_ones(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    katas = {name.split("/")[1] for name in names if re.match(r"katas/\d", name)}
    assert katas == {name.split("/")[2] for name in names if name.startswith("grader/solutions/")}
    assert len(katas) >= 15
    assert not [name for name in names if "rejected" in name.split("/") or name.endswith("equivalent.toml")]
    assert not [name for name in names if name.split("/")[0] in ("tests", "docs", "deploy", "solutions")]


# -- a learner's way -------------------------------------------------------------------------------
def test_the_readmes_learner_part_works_in_an_installed_wheel(learner: Learner) -> None:
    mine = learner.folder / "01_first_coroutine" / "first_coroutine.py"
    stub = mine.read_text(encoding="utf-8")
    assert "coroutine" in learner.kata("show 1")
    assert "still the stub" in learner.kata("check 1", ends_with=1)
    mine.write_text(f"{stub}\n# begun\n", encoding="utf-8")
    learner.kata("check 1", ends_with=1)
    assert learner.kata("hint 1")
    assert learner.kata("timeline 1")
    learner.kata("run 1")
    early = learner.type("kata solution 1")
    assert early.returncode == 2
    assert "not accepted yet" in early.stderr
    assert "def " not in early.stdout
    mine.write_bytes(accepted(1).read_bytes())
    assert "kata solution 1" in learner.kata("check 1")
    shown = learner.kata("solution 1")
    assert all(f"# -- {file.stem}" in shown for file in accepted(1).parent.glob("*.py"))
    assert "`pip install ruff`" in " ".join(shown.split())
    assert json.loads(learner.kata("progress --json"))["katas"]["first_coroutine"] == "accepted"
    learner.kata("race 1")
    learner.kata("reset 1 --yes" if "--yes" in learner.kata("reset --help") else "reset 1")
    assert mine.read_text(encoding="utf-8") == stub
    assert "judge" in learner.kata("doctor")


def test_spoiling_shows_solutions_in_an_installed_wheel(learner: Learner) -> None:
    assert "# -- gather" in learner.kata("solution 4 --spoil")


def test_authors_are_told_that_an_installed_wheel_cannot_verify(learner: Learner) -> None:
    refused = learner.type("kata dev verify 4")
    assert refused.returncode == 2
    assert "no rejected answers" in refused.stderr


def test_an_extra_that_is_not_installed_is_one_clear_line(learner: Learner) -> None:
    (learner.folder.parent / "class").mkdir()
    refused = learner.type("kata grade ../class --kata 4 --dask tcp://127.0.0.1:9")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "`pip install distributed`" in refused.stderr
    doctor = learner.kata("doctor")
    assert "ruff            not installed; only for" in doctor
    assert "distributed     not installed; only for" in doctor


# -- printed commands and tasks --------------------------------------------------------------------
def test_a_printed_command_can_be_typed_whatever_the_path_is(learner: Learner) -> None:
    """With blanks, quotes, a dollar sign, backticks and letters beyond ASCII in it."""
    begun = learner.type("kata init 'the  2nd $one'")
    (change,) = re.findall(r"`(cd .*)`, then", begun.stdout)
    at = learner.type(f"{change} && kata check 4 --json")
    assert json.loads(at.stdout)["kata"]["number"] == 4
    other = learner.folder / ODD / "odd  answer.py"
    other.parent.mkdir()
    other.write_text("async def read_all(names):\n    return names\n\n\n1 / 0\n", encoding="utf-8")
    failed = learner.type("""kata race 4 --file "$(find . -name 'odd*')" """)
    assert failed.returncode == 2
    (printed,) = re.findall(r"`(kata run .*)` shows where", failed.stderr)
    again = learner.type(printed)
    assert again.returncode == 1
    assert "ZeroDivisionError" in again.stdout


def test_the_editors_task_checks_a_file_in_a_folder_of_any_name(learner: Learner) -> None:
    """As VS Code runs a task of type `process`: a program and its arguments, past every shell."""
    (task,) = json.loads((learner.folder / ".vscode" / "tasks.json").read_text(encoding="utf-8"))["tasks"]
    assert task["type"] == "process"
    file = learner.folder / "04_gather_readings" / "gather_readings.py"
    file.write_bytes(accepted(4).read_bytes())
    arguments = [argument.replace("${file}", str(file)) for argument in task["args"]]
    program = str(learner._programs / task["command"])
    done = subprocess.run([program, *arguments], cwd=learner.folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


# -- the guests' view ------------------------------------------------------------------------------
_READS = """
import asyncio, ctypes, grader
libc = ctypes.CDLL(None)

def attempt():
    number = libc.open((grader.__path__[0] + "/solutions/04_gather_readings/accepted/gather.py").encode(), 0)
    return number >= 0

async def read_all(names):
    raise RuntimeError("HARM DONE" if attempt() else "held back")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a sandbox")
def test_a_guest_in_an_installed_wheel_cannot_read_the_solutions(learner: Learner) -> None:
    file = learner.folder / "04_gather_readings" / "gather_readings.py"
    file.write_text(_READS, encoding="utf-8")
    control = learner.type(f"python -c '{_READS.replace(chr(39), chr(34))}\nprint(attempt())'")
    assert control.stdout.strip() == "True", control.stderr
    judged = json.loads(learner.kata("check 4 --json --isolation full", ends_with=1))
    assert judged["isolation"] == "full"
    rationales = " ".join(str(check["rationale"]) for check in judged["checks"])
    assert "held back" in rationales
    assert "HARM DONE" not in rationales


# -- what the README says --------------------------------------------------------------------------
def _commands(text: str) -> set[str]:
    """Every `kata WORD ...` in backticks, and at the beginning of an indented line."""
    inline = re.findall(r"`(kata [^`]+)`", text)
    blocks = re.findall(r"^    (kata .*?)(?:\s{2,}.*|\s*#.*)?$", text, re.MULTILINE)
    return {re.sub(r"\s+", " ", one) for one in (*inline, *blocks)}


@pytest.mark.parametrize("page", ["README.md", "docs/instructors.md", "katas/README.md", "deploy/README.md"])
def test_every_command_and_option_that_a_page_names_exists(page: str, kata_help: dict[str, str]) -> None:
    for command in _commands((ROOT / page).read_text(encoding="utf-8")):
        words = command.split()[1:]
        if words[0].startswith("-"):
            words = words[2:] if words[0] == "--katas" else ["--help"]
        name = " ".join(words[:2]) if words[:1] == ["dev"] else words[0]
        if name == "--help":
            continue
        assert name in kata_help, command
        for option in re.findall(r"(?<=\s)--?[a-z][\w-]*", command.split("kata", 1)[1]):
            assert option in kata_help[name] + kata_help[""], command


@pytest.fixture(scope="module")
def kata_help() -> dict[str, str]:
    """What `--help` of each command says, by the command's name."""
    from click.testing import CliRunner

    from grader.cli import SECTIONS, cli
    from grader.cli.dev import command as dev

    names = [name for section in SECTIONS.values() for name in section]
    names += [f"dev {name}" for name in dev.list_commands(None)]  # type: ignore[arg-type]  # it looks at no context
    runner = CliRunner()
    return {name: runner.invoke(cli, [*name.split(), "--help"]).output for name in ["", *names]}


def test_nothing_tells_anybody_to_install_by_a_name_that_is_not_published() -> None:
    pages = [ROOT / name for name in ("README.md", "SECURITY.md", "Makefile", "noxfile.py")]
    for folder in ("docs", "deploy", "katas", "grader"):
        pages += [page for page in (ROOT / folder).rglob("*") if page.is_file() and page.suffix in _READ]
    relies = re.compile(r"(install|add|run)\s[^\n]*async[-_]katas")
    assert not [page.name for page in pages if relies.search(page.read_text(encoding="utf-8"))]


_READ = (".md", ".py", ".sh", "")
"""Endings of what people and machines follow: pages, messages, scripts, the Dockerfile."""
