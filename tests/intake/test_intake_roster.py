"""Who is who: the roster against what folders, files and learning systems call people."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from grader.intake import Intake, read_intake, read_roster

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


# -- a worksheet of Moodle's -----------------------------------------------------------------------
def test_a_worksheet_in_an_unknown_language_is_read_by_its_cells(tmp_path):
    """Participants, the name beside them, e-mail by its `@`; what stands beside in blind marking is none."""
    sheet = tmp_path / "roster.csv"
    sheet.write_text("Tunnus,Nimi,Posti\nOsallistuja 501,Jane Doe,j@x.org\nOsallistuja 502,Max Roe,\n")
    people = [(student.id, student.name, student.email) for student in read_roster(sheet).students]
    assert people == [("501", "Jane Doe", "j@x.org"), ("502", "Max Roe", "")]
    rows = "".join(f"Osallistuja {number},Palautettu,10.00\n" for number in range(501, 504))
    sheet.write_text(f"Tunnus,Tila,Paras\n{rows}")
    people = [(student.id, student.name, student.email) for student in read_roster(sheet).students]
    assert people == [("501", "", ""), ("502", "", ""), ("503", "", "")]


# -- a number that is two people's -----------------------------------------------------------------
MOODLE, CANVAS = "Jörg Müller_201_assignsubmission_file_/04.py", "müllerjörg_201_9001_gather_readings.py"


@pytest.fixture
def place(lay_out, katas, tmp_path):
    """(ids of whose the hand-ins are, lines) of these files under this roster."""

    def placed(roster: str, *files: str) -> tuple[list[str], list[str]]:
        (tmp_path / "roster.csv").write_text(f"id,name\n{roster}", encoding="utf-8")
        root = lay_out(dict.fromkeys(files, GOOD), packed=True)
        intake = read_intake(root, katas, roster=tmp_path / "roster.csv")
        assert {item.student.lms_id for item in intake.handins} <= {"201", "202"}
        return [item.student.id for item in intake.handins], lines(intake)

    return placed


@pytest.mark.parametrize("file", [MOODLE, "müllerjörg_201_9001_gather_readings.py"])
@pytest.mark.parametrize("holder", ["Zoe Zimmer", "Jörg Maria Müller", ""])
def test_a_number_and_a_name_of_two_people_are_nobodys(place, file, holder):
    """The roster's own numbers and the learning system's may be the same, so neither is believed."""
    ids, (line,) = place(f"201,{holder}\n202,Abs Ent\n9001,Jörg Müller\n", file)
    assert ids == []
    called = f"{holder} (201)" if holder else "201"
    assert f"unmatched: has the number of {called} on the roster, and another name" in line


def test_a_number_whose_holder_has_another_name_is_unmatched(place):
    """The hand-in is nobody's, and what it says of itself is told."""
    home = MOODLE.removesuffix("/04.py")
    line = f"{home} of Jörg Müller (201): unmatched: has the number of Zoe Zimmer (201) on the roster,"
    assert place("201,Zoe Zimmer\n202,Abs Ent\n", MOODLE) == ([], [f"{line} and another name"])
    assert place("201,Zoe Zimmer\n8,Jörg Müller\n9,Jörg Müller\n", MOODLE)[0] == []


def test_two_of_one_name_are_told_apart_by_their_numbers(place):
    files = [f"Ann Same_{number}_assignsubmission_file_/04.py" for number in (201, 202)]
    assert place("201,Ann Same\n202,Ann Same\n", *files) == (["201", "202"], [])


@pytest.mark.parametrize(
    ("listed", "file"),
    [
        ("Müller, Jörg", CANVAS),
        ("JÖRG MÜLLER", CANVAS),
        ("Müller Jörg", MOODLE),
        (unicodedata.normalize("NFD", "jörg müller"), MOODLE),
        ("", MOODLE),
        ("Zoe Zimmer", "Teilnehmerin_201_assignsubmission_file_/04.py"),
    ],
)
def test_a_number_stands_where_the_names_have_the_same_letters(place, listed, file):
    """Whatever stands first, and however it is written; a name that is missing agrees."""
    assert place(f'201,"{listed}"\n', file) == (["201"], [])


@pytest.mark.parametrize("listed", ["Mueller Joerg", "Muller Jorg", "J. K. Müller", "乔治", "Jörg M"])
def test_a_number_does_not_stand_where_letters_differ(place, listed):
    """It may be the same person; a person has to say so."""
    assert place(f"201,{listed}\n", MOODLE)[0] == []


def test_an_address_with_another_name_is_nobodys(lay_out, katas, tmp_path):
    """Somebody may have written another's into a form."""
    (tmp_path / "roster.csv").write_text("id,name,email\n1,Zoe Zimmer,z@x.org\n2,Max Roe,\n")
    pattern = r"(?P<student>\w+)/(?P<email>[^/]+)/(?P<name>[^/]+)/"
    root = lay_out({"y/z@x.org/Ann Neu/04.py": GOOD, "x/z@x.org/Zoe Zimmer/04.py": GOOD})
    intake = read_intake(root, katas, roster=tmp_path / "roster.csv", pattern=pattern)
    assert [item.student.id for item in intake.handins] == ["1"]
    assert "unmatched: has the number of Zoe Zimmer (1)" in lines(intake)[0]
