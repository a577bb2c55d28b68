"""Whoever handed in anything is graded or gets a line: nothing is dropped without a word."""

from __future__ import annotations

import os
import unicodedata

import pytest
from school import pack

from grader.intake import Intake, read_intake

GOOD = "async def read_all(names):\n    return names\n"


def who(intake: Intake) -> list[tuple[str, str]]:
    """(student, where it lay) of every hand-in."""
    return [(item.student.id, item.source_path) for item in intake.handins]


def whys(intake: Intake) -> dict[str, str]:
    return {problem.path: problem.why for problem in intake.problems}


# -- plain -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("packed", [False, True])
def test_a_zip_beside_the_folders_is_its_students_hand_in(lay_out, katas, packed):
    """`xena.zip` is read as `xena/` is, and `yan_09_timeouts.zip` is yan's."""
    files = {
        "alice/04.py": GOOD,
        "xena.zip": pack({"04.py": GOOD}),
        "yan_09_timeouts.zip": pack({"answer.py": "x"}),
    }
    intake = read_intake(lay_out(files, packed=packed), katas)
    assert who(intake) == [
        ("alice", "alice/04.py"),
        ("xena", "xena.zip!04.py"),
        ("yan", "yan_09_timeouts.zip!answer.py"),
    ]
    assert not intake.problems


def test_a_zip_that_is_none_and_a_notebook_beside_the_folders_are_reported(lay_out, katas):
    """Each with whose it is by its name."""
    root = lay_out({"alice/04.py": GOOD, "vic.zip": b"PK no", "wes.ipynb": "{}"})
    intake = read_intake(root, katas)
    assert who(intake) == [("alice", "alice/04.py")]
    assert "not a zip file" in whys(intake)["vic.zip"]
    assert whys(intake)["wes.ipynb"] == "is not a Python file"
    assert sorted(problem.student_id for problem in intake.problems) == ["vic", "wes"]


def test_what_is_nobodys_beside_the_folders_is_reported_and_makes_nobody_a_student(lay_out, katas):
    """The instructor's own notes, a template's conftest."""
    root = lay_out({"alice/04.py": GOOD, "README.md": "", "conftest.py": GOOD, "test_it.py": GOOD})
    intake = read_intake(root, katas, wanted=[katas[1]])
    assert whys(intake) == {
        "README.md": "is not a Python file",
        "conftest.py": "never taken for an answer: tests, conftest.py or packaging",
        "test_it.py": "never taken for an answer: tests, conftest.py or packaging",
    }
    assert [student.id for student in intake.students] == ["alice"]


def test_a_readme_in_ones_own_folder_is_no_news(lay_out, katas):
    """The folder is one student's, who has handed in an answer."""
    root = lay_out({"04_gather_readings.py": GOOD, "README.md": "x"}, name="alice")
    assert not read_intake(root, katas).problems


@pytest.mark.parametrize(
    ("content", "where", "why"),
    [
        ({"work.ipynb": "{}"}, "!work.ipynb", "is not a Python file"),
        ({"a.txt": "", "b.txt": ""}, "!a.txt, yan/work.zip!b.txt", "are not Python files"),
        ({"inner.zip": pack({"04.py": GOOD})}, "!inner.zip", "is a zip in a zip, which is not opened"),
        ({}, "", "is a zip without files"),
    ],
)
def test_a_students_zip_that_holds_no_python_is_reported(lay_out, katas, content, where, why):
    """With what it holds instead."""
    intake = read_intake(lay_out({"yan/work.zip": pack(content)}), katas)
    assert whys(intake) == {f"yan/work.zip{where}": why}


@pytest.mark.parametrize("inside", ["", "drafts", ".git", "__pycache__"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_students_folder_without_files_is_reported(lay_out, katas, inside, packed):
    """Empty, or holding what no student wrote; an empty folder beside an answer is nothing."""
    if packed:
        ignored = f"uma/{inside}/" if inside else "uma/"
        root = lay_out({"alice/04.py": GOOD, "alice/drafts/": "", ignored: ""}, packed=True)
    else:
        root = lay_out({"alice/04.py": GOOD})
        (root / "alice" / "drafts").mkdir()
        (root / "uma" / inside).mkdir(parents=True)
    intake = read_intake(root, katas)
    assert [(item.path, item.why, item.student_id) for item in intake.problems] == [
        ("uma", "holds no files", "uma")
    ]


HIDDEN = "left out: Python that is hidden or in a virtual environment is not read"


@pytest.mark.parametrize("packed", [False, True])
def test_hidden_python_is_told_where_there_is_no_answer(lay_out, katas, packed):
    """In a line for each student, and one for what is at the top and so might be anybody's."""
    files = {
        "ann/04.py": GOOD,
        "ann/.venv/lib/x.py": GOOD,
        "ann/.old.py": GOOD,
        ".bea/04.py": GOOD,
        "venv/lib/04.py": GOOD,
        "__MACOSX/ann/._04.py": "",
        ".git/hooks/x.py": "",
        "cid/.04.py": GOOD,
        "dan/x.txt": "",
        "dan/.env/04.py": GOOD,
        "dan/._04.py": "",
        "eve/work.zip": pack({".04.py": GOOD}),
        "fay/.04.txt": "",
    }
    intake = read_intake(lay_out(files, packed=packed), katas)
    assert who(intake) == [("ann", "ann/04.py")]
    assert whys(intake) == {
        "fay": "holds no files",
        "dan/x.txt": "is not a Python file",
        ".bea, venv": HIDDEN,
        "cid/.04.py": HIDDEN,
        "dan/.env": HIDDEN,
        "eve/work.zip!.04.py": HIDDEN,
    }
    assert sorted(problem.student_id for problem in intake.problems) == [
        "",
        "cid",
        "dan",
        "dan",
        "eve",
        "fay",
    ]
    assert {student.id for student in intake.students} == {"ann", "cid", "dan", "eve", "fay"}


def test_hidden_python_in_the_folders_of_other_systems_is_told(lay_out, katas):
    """The folder says whose it is, also where the class's own folder lies around it."""
    files = {
        "in/Jane Doe_501_assignsubmission_file_/04.py": GOOD,
        "in/Jane Doe_501_assignsubmission_file_/.venv/x.py": GOOD,
        "in/Max Roe_502_assignsubmission_file_/.04.py": GOOD,
        "in/.venv/x.py": GOOD,
    }
    intake = read_intake(lay_out(files, name="in", packed=True), katas)
    assert [(problem.path, problem.student_id) for problem in intake.problems] == [
        ("in/Max Roe_502_assignsubmission_file_/.04.py", "502"),
        ("in/.venv", ""),
    ]


def test_who_answered_only_katas_that_are_not_graded_is_reported(lay_out, katas):
    """With what they are; beside an answer that is graded they are no news."""
    files = {"bob/01_first_coroutine.py": "x", "bob/9.py": "x", "ann/4.py": GOOD, "ann/1.py": "x"}
    intake = read_intake(lay_out(files), katas, wanted=[katas[1]])
    assert who(intake) == [("ann", "ann/4.py")]
    assert whys(intake) == {
        "bob/01_first_coroutine.py, bob/9.py": "no answer to gather_readings, only to"
        " first_coroutine, timeouts"
    }
    several = read_intake(lay_out(files), katas, wanted=katas[1:3])
    assert "no answer to any kata that is graded, only to" in next(iter(whys(several).values()))


@pytest.mark.parametrize("packed", [False, True])
def test_two_spellings_of_one_name_are_two_students(lay_out, katas, packed):
    """A Mac's `é` and a Windows machine's: one may have been chosen to be taken for the other."""
    composed, decomposed = unicodedata.normalize("NFC", "Zoé"), unicodedata.normalize("NFD", "Zoé")
    root = lay_out({f"{composed}/04.py": "# one", f"{decomposed}/04.py": "# two"}, packed=packed)
    if not packed and len(os.listdir(root)) < 2:  # noqa: PTH208  # a listing of names
        pytest.skip("this file system takes both spellings for one")
    intake = read_intake(root, katas)
    assert {item.student.id: item.submission.source for item in intake.handins} == {
        composed: b"# one",
        decomposed: b"# two",
    }
    assert len({item.source_path for item in intake.handins}) == 2
    assert packed or whys(intake) == {
        decomposed: "is there in two spellings of one name; they are kept apart"
    }


# -- Gradescope ------------------------------------------------------------------------------------
LISTING = """\
submission_1:
  :submitters:
  - :name: Jane Doe
    :sid: '0012'
submission_5:
  :submitters:
  - :name: Max Roe
    :sid: '13'
  - :name: Zoe Yu
    :sid: '14'
submission_6:
  :submitters: []
"""


@pytest.mark.parametrize("wrapping", ["", "assignment_7_export/"])
def test_gradescopes_strays_and_the_submissions_it_names_and_lacks_are_reported(lay_out, katas, wrapping):
    """The listing is the one file that belongs into the root."""
    files = {
        f"{wrapping}submission_metadata.yml": LISTING,
        f"{wrapping}submission_1/gather_readings.py": GOOD,
        f"{wrapping}stray.py": GOOD,
    }
    intake = read_intake(lay_out(files, packed=True), katas)
    assert [item.student.id for item in intake.handins] == ["0012"]
    missing = "is named in submission_metadata.yml, and there are no files of it"
    assert whys(intake) == {
        f"{wrapping}stray.py": "lies beside the submissions and is in none",
        "submission_5 of Max Roe (13)": missing,
        "submission_5 of Zoe Yu (14)": missing,
        "submission_6": missing,
    }


# -- the others ------------------------------------------------------------------------------------
def test_classrooms_loose_files_and_empty_clones_are_reported(lay_out, katas):
    """A clone with nothing but its `.git`; a file beside the clones."""
    files = {
        "week-1-submissions/week-1-jane/04.py": GOOD,
        "week-1-submissions/week-1-max/.git/config": "",
        "week-1-submissions/loose.py": GOOD,
    }
    intake = read_intake(lay_out(files), katas, layout="classroom")
    assert [item.student.id for item in intake.handins] == ["jane"]
    assert whys(intake) == {
        "week-1-submissions/loose.py": "lies beside the repositories and is in none",
        "week-1-submissions/week-1-max": "holds no files",
    }
    assert [problem.student_id for problem in intake.problems][-1] == "max"


def test_moodles_empty_folder_is_reported(lay_out, katas):
    """As it is on a disk, with the participant."""
    root = lay_out({"Jane Doe_501_assignsubmission_file/04.py": GOOD})
    (root / "Max Roe_502_assignsubmission_file").mkdir()
    (problem,) = read_intake(root, katas).problems
    assert (problem.path, problem.student_id) == ("Max Roe_502_assignsubmission_file", "502")
