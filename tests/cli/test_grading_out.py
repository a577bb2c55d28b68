"""Where marks and pages go, what of a policy did nothing, and what students are shown."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import zipfile
from pathlib import Path

import pytest

from grader.grading.store import read_store

STORE = "grades/results.sqlite"
SAMPLES = Path(__file__).parent.parent / "batch" / "samples"


@pytest.fixture
def graded(run, school_class):
    """The command, after a run over the class."""
    run("grade", school_class, "--isolation", "best")
    return run


# -- a file or a folder ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "out"),
    [
        ("csv", "marks.csv"),
        ("csv", "deep/er/MARKS.CSV"),
        ("csv-long", "checks.csv"),
        ("jsonl", "all.jsonl"),
        ("junit", "junit.xml"),
        ("feedback", "back.zip"),
    ],
)
def test_an_out_that_is_named_as_the_formats_file_is_that_file(graded, name, out):
    """And nothing else is left where it was written."""
    ended = graded("report", STORE, "--format", name, "--out", out)
    assert ended.exit_code == 0
    assert f"wrote {out}" in ended.stderr
    path = Path(out)
    assert path.is_file()
    assert path.stat().st_size
    assert not [left for left in path.parent.iterdir() if left.name.startswith(".kata-")]
    assert graded("report", STORE, "--format", name, "--out", out).exit_code == 0, "written over"


@pytest.mark.parametrize(
    ("name", "out", "written"),
    [
        ("csv", "marks", "marks/grades.csv"),
        ("csv", "week.1", "week.1/grades.csv"),
        ("jsonl", "marks.csv", "marks.csv/results.jsonl"),
        ("html", "class", "class/index.html"),
    ],
)
def test_any_other_out_is_a_folder(graded, name, out, written):
    """As the contract of the command line has it."""
    assert graded("report", STORE, "--format", name, "--out", out).exit_code == 0
    assert Path(written).is_file()


def test_a_folder_that_is_there_is_taken_for_one_whatever_it_is_called(graded):
    Path("marks.csv").mkdir()
    graded("report", STORE, "--format", "csv", "--out", "marks.csv")
    assert Path("marks.csv/grades.csv").is_file()


def test_grading_into_a_file_keeps_the_store_beside_it(run, school_class):
    """`kata grade --out grades.csv` has a place for both."""
    ended = run("grade", school_class, "--isolation", "best", "--out", "here/grades.csv")
    assert ended.exit_code == 0
    assert Path("here/grades.csv").is_file()
    assert Path("here/results.sqlite").is_file()


def test_a_class_whose_format_takes_several_files_is_told_to_name_a_folder(graded):
    """One `results.json` each: there is no one file."""
    ended = graded("report", STORE, "--format", "gradescope", "--out", "results.json")
    assert ended.exit_code == 2
    assert "is one file, and this class has 2. Name a folder." in ended.stderr
    assert not Path("results.json").exists()


def test_a_worksheet_may_be_filled_into_a_file_of_ones_own_name(graded):
    worksheet = SAMPLES / "moodle_en.csv"
    ended = graded("report", STORE, "--format", "moodle", "--worksheet", worksheet, "--out", "upload.csv")
    assert ended.exit_code == 0
    assert Path("upload.csv").read_bytes()[:3] == worksheet.read_bytes()[:3]


# -- policies --------------------------------------------------------------------------------------
def test_a_policy_may_speak_of_katas_that_are_not_reported(graded):
    """`--kata` narrows the report and not what there is."""
    Path("late.toml").write_text("[points]\ntask_group = 5\n04 = 30\n")
    Path("grades.csv").unlink(missing_ok=True)
    options = ("--late-policy", "late.toml", "--format", "csv", "--out", "only.csv")
    assert graded("report", STORE, "--kata", "1", *options).exit_code == 0
    assert graded("report", STORE, *options).exit_code == 0
    with Path("only.csv").open(newline="") as file:
        worth = dict(zip(*list(csv.reader(file))[:2], strict=True))
    assert worth["04_gather_readings"] == "30"


def test_what_of_a_policy_did_nothing_is_told_on_stderr(graded):
    """An unknown student, due dates without times; nothing without a policy."""
    Path("late.toml").write_text(
        "[due]\ndefault = 2026-03-01T23:59:00\n[late]\npercent = 10\n[extensions.zoe]\ndefault = 24\n"
    )
    ended = graded("report", STORE, "--late-policy", "late.toml", "--format", "csv")
    assert ended.exit_code == 0
    assert "kata: late policy: the extension of 'zoe' has no effect: no student" in ended.stderr
    assert "kata: late policy: [due] has no effect: no submission" in ended.stderr
    assert not ended.stdout
    assert "late policy" not in graded("report", STORE, "--format", "csv").stderr


# -- what students are shown -----------------------------------------------------------------------
def test_pages_for_students_say_no_seed_and_the_class_page_says_where_they_are(graded):
    """A run may have been given one for all."""
    with read_store(Path(STORE)) as store:
        attempt = store.attempts()[0]
        seed = str(store.current_judgement(attempt.slug, attempt.sha256).seed)
    formats = ("html", "feedback", "gradescope")
    graded("report", STORE, *(word for name in formats for word in ("--format", name)), "--out", "p")
    with zipfile.ZipFile("p/feedback.zip") as archive:
        shown = [archive.read(name).decode() for name in archive.namelist()]
    shown += [path.read_text() for path in Path("p").glob("students/*.html")]
    shown += [path.read_text() for path in Path("p").glob("*/results.json")]
    assert len(shown) == 6
    assert not [text for text in shown if re.search(rf"\b{seed}\b|--seed", text)]
    assert "<dt>Seed</dt><dd>one for each submission" in Path("p/index.html").read_text()


def test_errors_of_ours_are_told_to_the_instructor_and_not_to_students(run, school_class):
    """They may quote a suite."""
    (school_class / "bob" / "1.py").write_text("# break")
    run("grade", school_class, "--isolation", "best")
    run("report", STORE, "--format", "html", "--format", "feedback", "--format", "gradescope", "--out", "p")
    with zipfile.ZipFile("p/feedback.zip") as archive:
        shown = [archive.read(name).decode() for name in archive.namelist()]
    shown += [path.read_text() for path in Path("p").glob("students/*.html")]
    shown += [path.read_text() for path in Path("p").glob("*/results.json")]
    assert not [text for text in shown if "the suite is broken" in text]
    assert [text for text in shown if "no fault of yours" in text]
    assert "the suite is broken" in Path("p/index.html").read_text()


def test_a_students_page_lists_what_was_not_handed_in_and_counts_attempts(graded, school_class):
    """Bob has no kata 1; his second attempt at kata 4 counts."""
    (school_class / "bob" / "4.py").unlink()
    (school_class / "bob" / "second").mkdir()
    (school_class / "bob" / "second" / "4.py").write_text("# reject\n# again")
    graded("grade", school_class, "--isolation", "best")
    graded("report", STORE, "--format", "html", "--out", "p")
    bob = Path("p/students/bob.html").read_text()
    assert "No submission" in bob
    assert "<li>Kata 01: First coroutine (3 points)</li>" in bob
    assert "No submission" not in Path("p/students/alice.html").read_text()
    assert re.search(r"\d attempts?\b", bob)


def test_typed_answers_of_canvas_are_left_out_of_what_is_handed_back_and_told(run, tmp_path):
    """Canvas finds a hand-in by its attachment's number."""
    folder = tmp_path / "canvas"
    folder.mkdir()
    (folder / "doejane_501_9001_04_gather_readings.py").write_text("# accept")
    (folder / "roemax_502_9002_04_gather_readings.py").write_text("# accept\n# max")
    (folder / "yuzoe_1006_text.html").write_text("<p># reject</p><p>async def read_all(names): pass</p>")
    ended = run("grade", folder, "--isolation", "best", "--kata", "4", "--format", "feedback")
    assert ended.exit_code == 0
    with zipfile.ZipFile("grades/feedback.zip") as archive:
        assert archive.namelist() == ["doejane_501_9001_feedback.html", "roemax_502_9002_feedback.html"]
    assert "feedback: 1006 is left out: canvas takes files back to uploaded files only" in ended.stderr


# -- groups ----------------------------------------------------------------------------------------
def test_a_group_in_a_container_has_one_result(run, tmp_path):
    """Also where somebody in it has no e-mail address."""
    root = tmp_path / "autograder"
    (root / "submission").mkdir(parents=True)
    (root / "submission" / "04_gather_readings.py").write_text("# accept")
    users = [{"id": 7, "name": "Ann", "email": "ann@x.org"}, {"id": 8, "name": "Bob"}]
    (root / "submission_metadata.json").write_text(json.dumps({"users": users}))
    ended = run("grade", root, "--isolation", "best", "--format", "gradescope", "--out", "results")
    assert ended.exit_code == 0
    assert [path.name for path in Path("results").rglob("*.json")] == ["results.json"]
    assert json.loads(Path("results/results.json").read_text())["score"] == 3


def test_a_result_that_could_not_be_judged_leaves_no_older_one_in_its_place(run, tmp_path):
    """The file is what a system reads: an older score must not pass for today's."""
    root = tmp_path / "autograder"
    (root / "submission").mkdir(parents=True)
    (root / "submission" / "04_gather_readings.py").write_text("# break")
    (root / "submission_metadata.json").write_text(json.dumps({"users": [{"id": 7, "name": "Ann"}]}))
    Path("results.json").write_text("{}")
    ended = run("grade", root, "--isolation", "best", "--format", "gradescope", "--out", "results.json")
    assert ended.exit_code == 3
    assert not Path("results.json").exists()


def test_a_format_that_this_class_cannot_have_keeps_none_of_the_others_back(graded):
    """The refusal comes last, when all else is written."""
    asked = ("--format", "csv", "--format", "canvas", "--assignment", "Week (1)", "--format", "html")
    ended = graded("report", STORE, *asked, "--out", "p")
    assert ended.exit_code == 2
    assert "No student of this store has a Canvas id" in ended.stderr.splitlines()[-1]
    assert Path("p/grades.csv").exists()
    assert Path("p/index.html").exists()


def test_marks_of_a_run_that_was_stopped_say_that_they_are_not_all(graded, school_class):
    """What nobody has been judged on yet is worth what it will be, and is no failure of ours."""
    with sqlite3.connect(STORE) as store:
        store.execute("DELETE FROM standing WHERE slug = 'first_coroutine'")
    store.close()
    ended = graded("report", STORE, "--format", "csv", "--format", "html", "--out", "p")
    assert "is not judged yet and without a mark: run `kata grade` again" in ended.stderr
    assert Path("p/grades.csv").read_text().splitlines()[1] == "Points possible,,,,3,3,6"
    assert "<dt>Not judged yet</dt><dd>1</dd>" in Path("p/index.html").read_text()
