"""`kata grade` and `kata report` over a class that changes: what is said of it, and what is refused."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import cli
from tests.cli.conftest import add_kata

STORE = Path("grades/results.sqlite")


def marks() -> list[str]:
    """The lines of students in `grades.csv`."""
    return Path("grades/grades.csv").read_text().splitlines()[2:]


def test_what_is_withdrawn_is_told_and_has_no_row(run, school_class):
    """On stderr while grading, and in words beside the table."""
    run("grade", school_class, "--isolation", "best")
    shutil.rmtree(school_class / "bob")
    ended = run("grade", school_class, "--isolation", "best")
    line = "bob: no longer submitted (gather_readings); kept in the store, not counted"
    assert line in ended.stderr.splitlines()
    assert "Problems: 1, shown above and in the class page (--format html) and problems.txt" in ended.stdout
    assert "wrote grades/problems.txt" in ended.stderr
    assert Path("grades/problems.txt").read_text() == f"{line}\n"
    assert marks() == ["alice,,,,3,1,4"]


def test_problems_are_listed_where_marks_are(run, school_class):
    """As many on the class page, and beside one table, as were told; and no more once mended."""
    (school_class / "bob" / "1.py").write_text("# break")
    (school_class / "zoe").mkdir()
    (school_class / "zoe" / "notes.py").write_text("x = 1")
    ended = run("grade", school_class, "--isolation", "best", "--out", "marks.csv", "--store", STORE)
    assert "Problems: 2," in ended.stdout
    told = Path("marks-problems.txt").read_text().splitlines()
    assert len(told) == 2
    assert all(line in ended.stderr.splitlines() for line in told)
    run("report", STORE, "--out", "pages")
    page = Path("pages/index.html").read_text()
    assert "<dt>Problems</dt><dd>2</dd>" in page
    linked = '<a href="students/bob.html">01_first_coroutine of bob</a>'
    assert f"{linked}: could not be judged: the judge broke: RuntimeError" in page
    assert not Path("pages/problems.txt").exists(), "the page has them"
    assert "zoe,,,,,,0" in Path("marks.csv").read_text()
    (school_class / "bob" / "1.py").write_text("# accept")
    shutil.rmtree(school_class / "zoe")
    run("grade", school_class, "--isolation", "best", "--out", "marks.csv", "--store", STORE)
    assert Path("marks-problems.txt").read_text() == "No problems are known.\n"


def test_students_out_of_scope_keep_their_marks_and_are_said_to_wait(run, school_class):
    """A changed file of bob's is for the next run that is about bob."""
    run("grade", school_class, "--isolation", "best")
    (school_class / "bob" / "4.py").write_text("# reject\n# bob")
    ended = run("grade", school_class, "--isolation", "best", "--only", "alice")
    assert "Out of scope (--only) and not judged yet: 1." in ended.stdout
    assert marks() == ["alice,,,,3,1,4", "bob,,,,,3,3"]
    ended = run("grade", school_class, "--isolation", "best", "--only", "alice", "--json")
    assert json.loads(ended.stdout)["waiting"] == 1


def test_a_report_without_the_katas_that_were_graded_is_refused(run, school_class, katas):
    """It would have no columns for them, and totals without them."""
    add_kata(katas, 21, "own_kata")
    (school_class / "alice" / "21.py").write_text("# accept\n# own")
    run("grade", school_class, "--isolation", "best")
    command = ["report", str(STORE), "--format", "csv", "--out", "p"]
    ended = CliRunner().invoke(cli, command)
    assert ended.exit_code == 2
    assert "has marks for katas that are not here: own_kata. Add --katas DIR" in ended.stderr
    assert not Path("p").exists()
    assert CliRunner().invoke(cli, [*command, "--kata", "4"]).exit_code == 0, "what is named is known"
    assert CliRunner().invoke(cli, [*command, "--katas", str(katas)]).exit_code == 0
    assert "alice,,,,3,1,3,7" in Path("p/grades.csv").read_text()
    shutil.rmtree(katas / "21_own_kata")
    ended = run("grade", school_class, "--isolation", "best", "--kata", "4")
    assert "own_kata: no such kata, so its marks are left out" in ended.stderr


def test_what_could_not_be_judged_leaves_gradescope_without_a_result(run, school_class):
    """3, and no file that says 0; neither in a folder nor by its own name."""
    (school_class / "alice" / "4.py").write_text("# break")
    shutil.rmtree(school_class / "bob")
    Path("results.json").write_text("{}")
    for out in ("there", "results.json"):
        ended = run("grade", school_class, "--isolation", "best", "--format", "gradescope", "--out", out)
        assert ended.exit_code == 3
        assert "alice gets no mark: gather_readings could not be judged" in ended.stderr
    assert not list(Path("there").rglob("results.json"))
    assert not Path("results.json").exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE meta SET value = 'seventeen' WHERE key = 'secret'",
        "UPDATE source SET bytes = x'00'; DELETE FROM judgement; DELETE FROM standing",
        "UPDATE judgement SET verdict = 'FINE'",
    ],
)
def test_a_damaged_store_leaves_with_2_and_says_so(run, school_class, change):
    """What somebody else changed in it is no error of ours."""
    run("grade", school_class, "--isolation", "best")
    with sqlite3.connect(STORE) as raw:
        raw.executescript(change)
    raw.close()
    ended = run("grade", school_class, "--isolation", "best")
    assert ended.exit_code == 2
    assert "is damaged (" in ended.stderr
    assert "Restore it from a copy, or name another --store" in ended.stderr


def test_an_empty_file_is_no_store_to_report_from(run):
    """Not an old one either."""
    Path("empty").touch()
    ended = run("report", "empty")
    assert ended.exit_code == 2
    assert "empty is an empty file and no store." in ended.stderr
