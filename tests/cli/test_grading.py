"""`kata grade` and `kata report`: what they say, write, refuse and leave with."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

import grader.grading.run as grade_module
from grader.export import EXPORTERS
from grader.guest.sandbox import Reached
from grader.intake import FORMATS
from grader.records import Isolation

FAKES = Path(__file__).parent.parent / "batch"
ROOT = FAKES.parent.parent
MANUAL = ROOT / "docs" / "instructors.md"


def test_a_class_is_graded_into_a_store_and_a_table(run, school_class):
    """Counts on stdout, progress and files on stderr, 0."""
    ended = run("grade", school_class, "--isolation", "best")
    assert ended.exit_code == 0
    assert "3 judged, 0 known from before" in ended.stdout
    assert "Verdicts: 2 ACCEPTED, 1 NOT_CONCURRENT." in ended.stdout
    assert "Isolation: 3 full." in ended.stdout
    assert "3 submissions of 2 students (plain): 3 to judge, on local" in ended.stderr
    assert "3 of 3 judged: 2 accepted, 1 not" in ended.stderr
    assert "wrote grades/grades.csv" in ended.stderr
    table = Path("grades/grades.csv").read_text()
    assert "alice,,,,3,1,4" in table


def test_a_rerun_goes_on_and_sums_up_as_json(run, school_class):
    """For scripts."""
    run("grade", school_class, "--isolation", "best")
    ended = run("grade", school_class, "--isolation", "best", "--json", "--kata", "4", "--only", "bob")
    assert json.loads(ended.stdout) == {
        "handins": 1,
        "judged": 0,
        "known": 1,
        "verdicts": {"ACCEPTED": 1},
        "isolation": {"full": 1},
        "problems": 0,
        "waiting": 0,
        "missing": [],
        "seed": json.loads(ended.stdout)["seed"],
        "errors": 0,
    }


def test_an_error_of_ours_leaves_with_3_and_a_line(run, school_class):
    """The rest is graded."""
    (school_class / "bob" / "1.py").write_text("# break")
    ended = run("grade", school_class, "--isolation", "best")
    assert ended.exit_code == 3
    assert "01_first_coroutine of bob: could not be judged: the judge broke: RuntimeError" in ended.stderr
    assert "2 ACCEPTED" in ended.stdout


def test_names_of_files_cannot_drive_the_terminal(run, school_class):
    """A problem's line is one line without escapes, whatever a student called a file."""
    (school_class / "alice" / "\x1b]0;owned\x07\n[red]notes.py").write_text("x")
    ended = run("grade", school_class, "--isolation", "best")
    assert "\x1b" not in ended.stderr
    assert re.search(r"^alice/.*\[red\]notes\.py: neither its name", ended.stderr, re.M)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "There is nothing at nothing"),
        (["class", "--kata", "77"], "There is no kata 77"),
        (["class", "--only", "zoe"], "matches --only zoe"),
        (["class", "--jobs", "0"], "--jobs must be 1 or more"),
        (["class", "--jobs", "2", "--dask", "tcp://x:1"], "exclude each other"),
        (["class", "--pattern", "("], "not a regular expression"),
        (["class", "--format", "canvas"], "--assignment"),
        (["class", "--format", "moodle"], "--worksheet"),
        (["class", "--format", "word"], "word"),
        (["class", "--suite", "class/alice/1.py"], "Name the kata with --kata"),
    ],
)
def test_bad_input_leaves_with_2_and_one_line(run, school_class, arguments, words):
    """What is wrong and what to do; nothing is written."""
    if "--isolation" not in arguments:
        arguments = [*arguments, "--isolation", "best"]
    ended = run("grade", *arguments)
    assert ended.exit_code == 2
    assert words in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "Traceback" not in ended.output


def test_less_than_full_isolation_is_refused_unless_told_so(run, school_class, monkeypatch):
    """What is missing is said, and how to go on all the same."""
    reached = Reached(isolation=Isolation.PARTIAL, missing=("Landlock is switched off",))
    monkeypatch.setattr(grade_module, "probe", lambda: reached)
    ended = run("grade", school_class)
    assert ended.exit_code == 2
    assert "Landlock is switched off" in ended.stderr
    assert "--isolation best" in ended.stderr
    assert run("grade", school_class, "--isolation", "best").exit_code == 0


def test_a_report_is_written_from_the_store_alone(run, school_class):
    """Pages, feedback, tables; the submissions may be gone."""
    run("grade", school_class, "--isolation", "best")
    school_class.rename("elsewhere")
    ended = run(
        "report",
        "grades/results.sqlite",
        "--format",
        "html",
        "--format",
        "feedback",
        "--format",
        "csv-long",
        "--out",
        "pages",
    )
    assert ended.exit_code == 0
    assert sorted(path.name for path in Path("pages").iterdir()) == [
        "checks.csv",
        "feedback.zip",
        "index.html",
        "students",
    ]
    assert 'href="students/alice.html"' in Path("pages/index.html").read_text()
    assert "One at a time" in Path("pages/students/alice.html").read_text()
    with zipfile.ZipFile("pages/feedback.zip") as archive:
        assert archive.namelist() == ["alice/feedback.html", "bob/feedback.html"]


def test_reports_do_not_change_the_store_and_come_out_the_same(run, school_class):
    """Byte for byte, feedback zip included."""
    run("grade", school_class, "--isolation", "best")
    before = Path("grades/results.sqlite").read_bytes()
    for out in ("one", "two"):
        run("report", "grades/results.sqlite", "--format", "html", "--format", "feedback", "--out", out)
    for path in Path("one").rglob("*.*"):
        assert path.read_bytes() == (Path("two") / path.relative_to("one")).read_bytes()
    assert Path("grades/results.sqlite").read_bytes() == before


def test_a_policy_is_applied_when_results_leave_the_store(run, school_class):
    """Another weight, another table, no judging."""
    run("grade", school_class, "--isolation", "best")
    Path("late.toml").write_text("[points]\ndefault = 30\n")
    run("report", "grades/results.sqlite", "--format", "csv", "--late-policy", "late.toml", "--out", "p")
    assert "alice,,,,30,10,40" in Path("p/grades.csv").read_text()
    Path("late.toml").write_text("[points]\nno_such = 30\n")
    ended = run("report", "grades/results.sqlite", "--format", "csv", "--late-policy", "late.toml")
    assert ended.exit_code == 2
    assert "points.no_such: No kata is named 'no_such'" in ended.stderr


def test_a_report_of_what_is_no_store_leaves_with_2(run, tmp_path):
    """Missing or damaged."""
    assert run("report", "nothing").exit_code == 2
    Path("store").write_text("text " * 2000)
    ended = run("report", "store")
    assert ended.exit_code == 2
    assert "cannot be used" in ended.stderr


@pytest.mark.parametrize(("option", "registered"), [("--format", EXPORTERS), ("--input", FORMATS)])
def test_help_and_the_manual_name_every_format_as_it_is_registered(run, option, registered):
    """A format stands in one file: what is said of it elsewhere is taken from there, or compared here."""
    shown = "".join(run("grade", "--help").output.split())
    assert f"[{'|'.join(registered)}]" in shown
    _, heading, rest = MANUAL.read_text(encoding="utf-8").partition(f"\n| `{option}` |")
    assert heading
    table = rest.partition("\n\n")[0].splitlines()[2:]
    assert table == [f"| `{name}` | {kind.about} |" for name, kind in registered.items()]


_GRADE = """
import sys
import grader.grading.run as module
from msgspec.structs import replace
from grader.cli import cli
real = module.grade
module.grade = lambda request, tell: real(replace(request, judge="fake_judge:FakeJudge"), tell)
cli(sys.argv[1:])
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are of this kind on POSIX only")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_at_any_moment_goes_on_where_it_stopped(tmp_path, katas, how):
    """What was shown as done is done, no judging process is left, and the store is free."""
    for number in range(12):
        path = tmp_path / "class" / f"s{number:02d}" / "4.py"
        path.parent.mkdir(parents=True)
        path.write_text("# hang" if number == 11 else f"# accept\n# {number}")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(FAKES)])}
    command = [
        sys.executable,
        "-c",
        _GRADE,
        "--katas",
        str(katas),
        "grade",
        "class",
        "--isolation",
        "best",
        "--jobs",
        "2",
    ]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        shown = 0
        for line in process.stderr:
            if hit := re.match(r"(\d+) of 12 judged", line):
                shown = int(hit[1])
            if shown == 8:
                workers = _below(process.pid)
                process.send_signal(how)
                break
        rest = process.stderr.read()
    assert process.returncode == (130 if how is signal.SIGINT else -signal.SIGKILL)
    assert "Traceback" not in rest
    stopped = re.search(r"^Stopped: (\d+) of 12 are judged and kept; run it again to go on\.$", rest, re.M)
    assert (stopped is not None) == (how is signal.SIGINT)
    assert workers
    assert _gone(workers)
    (tmp_path / "class" / "s11" / "4.py").write_text("# reject")
    again = subprocess.run(
        [*command, "--json"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    summary = json.loads(again.stdout)
    assert summary["known"] >= shown
    assert summary["known"] + summary["judged"] == 12


def _below(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=False
    )
    return [int(line) for line in listed.stdout.split()]


def _gone(pids: list[int]) -> bool:
    for _ in range(1000):
        if not any(map(_runs, pids)):
            return True
        time.sleep(0.02)
    return False


def _runs(pid: int) -> bool:
    """Whether the process is there and more than a zombie, which a container's init may never reap."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
