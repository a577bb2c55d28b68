"""What lies beside an answer never takes its place, however new it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from school import make_kata, pack

from grader.intake import Intake, read_intake
from grader.records import Kata

GOOD = "async def read_all(names):\n    return names\n"
STRAY = "def help_out():\n    return 1\n"


def taken(intake: Intake) -> list[str]:
    """Where the hand-ins lay."""
    return [handin.source_path for handin in intake.handins]


def lines(intake: Intake) -> list[str]:
    return [f"{problem.path}: {problem.why}" for problem in intake.problems]


def make_newer(path: Path) -> None:
    os.utime(path, (2_000_000_000, 2_000_000_000))


@pytest.fixture(params=["--kata", "--katas"])
def one_kata(request: pytest.FixtureRequest, katas: tuple[Kata, ...]) -> tuple[Sequence[Kata], list[Kata]]:
    """(all katas, those graded): one kata of several, and an instructor's folder that holds just one."""
    return (katas if request.param == "--kata" else katas[1:2]), [katas[1]]


@pytest.mark.parametrize("answer", ["gather_readings.py", "final.py", "04/final.py"])
@pytest.mark.parametrize(
    "stray", ["helpers.py", "conftest.py", "tests/test_it.py", "tests/test_gather_readings.py", "setup.py"]
)
def test_a_newer_file_beside_the_answer_is_no_attempt_and_no_problem(lay_out, one_kata, answer, stray):
    """Where one kata is graded, whatever says which file it is."""
    root = lay_out({f"rex/{answer}": GOOD, f"rex/{stray}": STRAY})
    make_newer(root / "rex" / stray)
    intake = read_intake(root, one_kata[0], wanted=one_kata[1])
    assert taken(intake) == [f"rex/{answer}"]
    assert not intake.problems


@pytest.mark.parametrize("stray", ["helpers.py", "conftest.py", "test_it.py", "__init__.py"])
def test_a_newer_file_in_the_folder_of_a_kata_is_no_attempt(lay_out, katas, stray):
    """Where all katas are graded, the folder alone gave it to one."""
    root = lay_out({"rex/04_gather_readings/answer.py": GOOD, f"rex/04_gather_readings/{stray}": STRAY})
    make_newer(root / "rex/04_gather_readings" / stray)
    intake = read_intake(root, katas)
    assert taken(intake) == ["rex/04_gather_readings/answer.py"]
    assert not intake.problems


def test_a_test_that_is_named_for_a_kata_is_no_attempt(lay_out, katas):
    """As a template has them: by its name, or by its folder."""
    files = {
        "rex/04.py": GOOD,
        "rex/test_gather_readings.py": STRAY,
        "rex/tests/04_gather_readings.py": STRAY,
    }
    root = lay_out(files)
    make_newer(root / "rex/test_gather_readings.py")
    intake = read_intake(root, katas)
    assert taken(intake) == ["rex/04.py"]
    assert not intake.problems


def test_the_only_file_that_could_be_meant_is_taken(lay_out, one_kata):
    """It says nothing of itself, and tests and packaging lie beside it."""
    files = {
        "rex/homework.py": STRAY,
        "rex/conftest.py": STRAY,
        "rex/homework_test.py": STRAY,
        "rex/Tests/it.py": STRAY,
        "rex/__init__.py": "",
    }
    intake = read_intake(lay_out(files), one_kata[0], wanted=one_kata[1])
    assert taken(intake) == ["rex/homework.py"]
    assert not intake.problems


def test_of_several_files_that_could_be_meant_none_is_taken_and_all_are_named(lay_out, one_kata):
    """A guess could cost the student everything."""
    intake = read_intake(lay_out({"rex/one.py": STRAY, "rex/two.py": STRAY}), one_kata[0], wanted=one_kata[1])
    assert taken(intake) == []
    assert lines(intake) == [
        "rex/one.py, rex/two.py: each might be the answer to gather_readings, so none is taken;"
        " the right one should be gather_readings.py"
    ]
    assert intake.problems[0].student_id == "rex"


def test_of_several_files_in_the_folder_of_a_kata_none_is_taken(lay_out, katas):
    """The same where all katas are graded."""
    intake = read_intake(lay_out({"rex/04/one.py": STRAY, "rex/04/two.py": STRAY, "rex/9.py": "x"}), katas)
    assert taken(intake) == ["rex/9.py"]
    assert lines(intake)[0].startswith("rex/04/one.py, rex/04/two.py: each might be the answer")


def test_a_line_names_ten_files_and_counts_the_rest(lay_out, one_kata):
    """A student may hand in a whole project."""
    files = {f"rex/part_{chr(97 + n)}.py": STRAY for n in range(13)}
    (problem,) = read_intake(lay_out(files), one_kata[0], wanted=one_kata[1]).problems
    assert problem.path.endswith("part_j.py and 3 more")


def test_one_file_that_was_handed_in_again_is_still_one_file(lay_out, one_kata):
    """Canvas numbers the second `homework.py`; both are attempts."""
    files = {"doejane_101_9001_homework.py": STRAY, "doejane_101_9002_homework-1.py": STRAY + "# again"}
    intake = read_intake(lay_out(files, packed=True), one_kata[0], wanted=one_kata[1])
    assert [handin.newness[1] for handin in intake.handins] == [0, 1]
    assert not intake.problems


def test_a_stray_is_not_taken_for_the_kata_where_other_files_are_named_for_others(lay_out, katas):
    """The student names files for katas, so this one is none; both are told."""
    root = lay_out({"rex/09_timeouts.py": "x", "rex/helpers.py": STRAY})
    intake = read_intake(root, katas, wanted=[katas[1]])
    assert taken(intake) == []
    assert lines(intake) == [
        "rex/helpers.py: not taken for gather_readings: other files here do say which kata they are",
        "rex/09_timeouts.py: no answer to gather_readings, only to timeouts",
    ]


def test_what_defines_the_one_kata_asked_for_is_its_answer_though_it_fits_another(lay_out, katas):
    """Asking for one kata settles what the source alone leaves open."""
    twin = make_kata(11, "other", "read_all")
    root = lay_out({"rex/final.py": GOOD, "rex/helpers.py": STRAY})
    make_newer(root / "rex/helpers.py")
    intake = read_intake(root, [*katas, twin], wanted=[katas[1]])
    assert taken(intake) == ["rex/final.py"]


def test_a_kata_that_is_named_like_a_test_has_its_answers(lay_out):
    """`load_test.py` is pytest's by its name, and the kata's."""
    kata = make_kata(3, "load_test", "run")
    intake = read_intake(lay_out({"rex/load_test.py": "x", "ann/03_load_test.py": "x"}), [kata])
    assert taken(intake) == ["ann/03_load_test.py", "rex/load_test.py"]


def test_a_zip_may_be_called_test(lay_out, katas):
    """Folders inside it are the student's; its own name is not a folder of tests."""
    inner = pack({"04.py": GOOD, "tests/test_04.py": STRAY})
    assert taken(read_intake(lay_out({"rex/test.zip": inner}), katas)) == ["rex/test.zip!04.py"]


def test_conftest_lands_nowhere_under_a_pattern_either(lay_out, katas):
    """Folders that a pattern reads are the instructor's, so `tests` among them means nothing."""
    root = lay_out({"tests/rex/k4/final.py": STRAY, "tests/rex/k4/conftest.py": STRAY})
    intake = read_intake(root, katas, pattern=r"tests/(?P<student>[^/]+)/k(?P<kata>\d+)/")
    assert taken(intake) == ["tests/rex/k4/final.py"]


@pytest.mark.parametrize("name", ["conftest.py", "test_it.py", "tests/it.py", "setup.py"])
def test_who_handed_in_only_tests_gets_a_line(lay_out, one_kata, name):
    """Nothing is dropped without a word."""
    intake = read_intake(lay_out({f"rex/{name}": GOOD}), one_kata[0], wanted=one_kata[1])
    assert taken(intake) == []
    assert lines(intake) == [f"rex/{name}: never taken for an answer: tests, conftest.py or packaging"]


def test_an_answer_in_a_folder_of_tests_is_told_where_there_is_no_other(lay_out, katas):
    """Its name is a kata's, so it may be more than a test."""
    intake = read_intake(lay_out({"rex/test/04_gather_readings.py": GOOD, "rex/9.py": "x"}), katas)
    assert taken(intake) == ["rex/9.py"]
    assert lines(intake) == [
        "rex/test/04_gather_readings.py: in a folder of tests, so not taken for gather_readings"
    ]
