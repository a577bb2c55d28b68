"""Who is who: the roster against what folders, files and learning systems call people."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from grader.batch.intake import Intake, read_intake

GOOD = "async def read_all(names):\n    return names\n"
HEADING = (
    "assignment_name,assignment_url,starter_code_url,github_username,roster_identifier,"
    "student_repository_name,student_repository_url,submission_timestamp,points_awarded,points_available\n"
)
GRADES = HEADING + (
    "Week 1,,,janedoe,s1,week-1-janedoe,,2026-03-01 10:00:00 UTC,0,10\n"
    "Week 1,,,maxroe,s2,week-1-maxroe,,,0,10\n"
    "Week 1,,,,s3,,,,0,10\n"
    "Week 1,,,,,,,,0,10\n"
)


def lines(intake: Intake) -> list[str]:
    return [f"{problem.path}: {problem.why}" for problem in intake.problems]


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """Two of one name, and one whose name has more than ASCII."""
    path = tmp_path / "roster.csv"
    path.write_text("id,name\n17,Zoë Müller\n1,Jane Doe\n2,Jane Doe\n9,Ann Lee\n", encoding="utf-8")
    return path


# -- GitHub Classroom's own list -------------------------------------------------------------------
@pytest.mark.parametrize("beside", [True, False])
def test_who_is_in_classrooms_csv_without_a_repository_is_missing(lay_out, katas, tmp_path, beside):
    """The CSV is the class list, given as the roster or lying beside the clones."""
    files = {"week-1-janedoe/04.py": GOOD, "week-1-stranger/04.py": GOOD}
    if beside:
        files["grades.csv"] = GRADES
    (tmp_path / "grades.csv").write_text(GRADES)
    root = lay_out(files, name="week-1-submissions")
    intake = read_intake(root, katas, roster=None if beside else tmp_path / "grades.csv")
    assert [student.id for student in intake.missing] == ["s2", "s3"]
    assert [student.id for student in intake.students] == ["s1", "s2", "s3", "stranger"]
    assert lines(intake) == ["week-1-stranger: is a repository that the grades CSV does not name"]


def test_a_csv_in_a_students_own_clone_says_nothing_of_whose_the_clones_are(lay_out, katas):
    """Else a student could make another's repository their own."""
    stolen = HEADING + "Week 1,,,mallory,mallory,week-1-janedoe,,,0,10\n"
    files = {"week-1-janedoe/04.py": GOOD, "week-1-mallory/grades.csv": stolen}
    intake = read_intake(lay_out(files, name="week-1-submissions"), katas)
    assert [item.student.id for item in intake.handins] == ["janedoe"]


def test_one_person_twice_in_classrooms_csv_is_one_person(lay_out, katas, tmp_path):
    """As after a change of the GitHub account."""
    path = tmp_path / "grades.csv"
    path.write_text(GRADES + "Week 1,,,jane2,s1,week-1-jane2,,,0,10\n")
    root = lay_out({"week-1-jane2/04.py": GOOD}, name="week-1-submissions")
    intake = read_intake(root, katas, roster=path)
    assert [item.student.id for item in intake.handins] == ["s1"]
    assert not intake.problems


# -- names -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["Zoë Müller", "zoë müller", "Müller, Zoë", "ZOË_MÜLLER", "17"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_plain_folder_is_matched_by_the_rosters_name(lay_out, katas, roster, name, form):
    """In either order, in any case, however its accents are written."""
    root = lay_out({f"{unicodedata.normalize(form, name)}/04.py": GOOD})
    intake = read_intake(root, katas, roster=roster)
    assert [(item.student.id, item.student.name) for item in intake.handins] == [("17", "Zoë Müller")]
    assert not intake.problems
    assert [student.id for student in intake.missing] == ["1", "2", "9"]


def test_a_folder_is_no_name_by_its_letters_alone(lay_out, katas, tmp_path):
    """`annalee` is whole words of nobody: it may be Anna Lee or somebody's login."""
    (tmp_path / "roster.csv").write_text("id,name\n1,Anna Lee\n")
    intake = read_intake(lay_out({"annalee/04.py": GOOD}), katas, roster=tmp_path / "roster.csv")
    assert lines(intake) == ["annalee: is not on the roster"]


def test_two_of_one_name_are_reported_with_their_ids(lay_out, katas, roster):
    """The instructor can then rename the folder; a stranger is told apart from that."""
    root = lay_out({"Doe, Jane/04.py": GOOD, "Nobody/04.py": GOOD})
    intake = read_intake(root, katas, roster=roster)
    assert lines(intake) == ["Doe, Jane: fits two on the roster: 1, 2", "Nobody: is not on the roster"]


def test_three_of_one_name_are_counted(lay_out, katas, tmp_path):
    """In figures."""
    (tmp_path / "roster.csv").write_text("id,name\n1,Jo Li\n2,Li Jo\n3,jo li\n")
    intake = read_intake(lay_out({"Jo Li/04.py": GOOD}), katas, roster=tmp_path / "roster.csv")
    assert lines(intake) == ["Jo Li: fits 3 on the roster: 1, 2, 3"]


def test_problems_show_the_name_where_the_path_has_only_an_id(lay_out, katas, roster):
    """A path that has the name needs no more."""
    files = {"9/answer.pdf": b"%PDF", "Zoë Müller/answer.pdf": b"%PDF"}
    intake = read_intake(lay_out(files), katas, roster=roster)
    assert lines(intake) == [
        "9/answer.pdf of Ann Lee (9): is not a Python file",
        "Zoë Müller/answer.pdf: is not a Python file",
    ]


def test_somebody_not_on_the_roster_is_shown_with_the_systems_name(lay_out, katas, roster):
    """An id alone says nothing to an instructor."""
    root = lay_out({"Max Roe_501_assignsubmission_file/04.py": GOOD})
    assert lines(read_intake(root, katas, roster=roster)) == ["Max Roe (501): is not on the roster"]
