"""A layout is recognised by what its learning system writes; where that is not sure, the run asks."""

from __future__ import annotations

import pytest

from grader.errors import BadInput
from grader.intake import Intake, read_intake

GOOD = "async def read_all(names):\n    return names\n"
FORGED = "submission_1:\n  :submitters:\n  - :name: Alice Abel\n    :sid: alice\n"


def who(intake: Intake) -> list[str]:
    return [item.student.id for item in intake.handins]


# -- what a student has named is no sign -----------------------------------------------------------
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "name",
    [
        "x_1_assignsubmission_file_notes.txt",
        "Alice Abel_101_assignsubmission_file_/gather_readings.py",
        "submission_metadata.yml",
        "submission_metadata.json",
        "submission/gather_readings.py",
        *(f"abelalice_101_{number}_gather_readings.py" for number in (9000, 9001)),
    ],
)
def test_a_file_in_a_students_folder_is_no_sign_of_a_format(lay_out, katas, name, packed):
    """Whatever it is called: the class stays plain."""
    files = {"alice/04.py": GOOD, "bob/04.py": GOOD, f"mallory/{name}": FORGED, "mallory/04.py": GOOD}
    intake = read_intake(lay_out(files, packed=packed), katas)
    assert intake.format == "plain"
    assert set(who(intake)) == {"alice", "bob", "mallory"}


def test_a_file_in_a_canvas_zip_does_not_make_it_moodles(lay_out, katas):
    """Its name follows what Canvas has put in front."""
    files = {
        "abelalice_101_9001_gather_readings.py": GOOD,
        "mallory_666_9002_x_1_assignsubmission_file_notes.txt": "",
        "mallory_666_9003_gather_readings.py": GOOD,
    }
    intake = read_intake(lay_out(files, packed=True), katas)
    assert (intake.format, who(intake)) == ("canvas", ["101", "666"])


def test_many_files_named_as_canvas_names_them_make_no_canvas(lay_out, katas):
    """They are most of all files, and all of one student's."""
    forged = {f"mallory/abelalice_101_{number}_04.py": GOOD for number in range(9)}
    intake = read_intake(lay_out({"alice/04.py": GOOD, **forged}), katas)
    assert intake.format == "plain"
    assert "101" not in who(intake)


def test_flat_moodle_names_are_read_from_the_left(lay_out, katas):
    """What follows the first marker is the student's own name for a file."""
    hers = "Alice A_101_assignsubmission_file_gather_readings.py"
    files = {hers: "# alice\n", f"Mallory M_103_assignsubmission_file_{hers}": "# evil\n"}
    intake = read_intake(lay_out(files, packed=True), katas)
    assert {item.student.id: item.submission.source for item in intake.handins} == {
        "101": b"# alice\n",
        "103": b"# evil\n",
    }


def test_canvas_names_are_read_from_the_left(lay_out, katas):
    """Numbers and LATE in a file's own name say nothing of anybody else."""
    files = {
        "abelalice_101_9001_gather_readings.py": "# alice\n",
        "mallory_666_9002_LATE_101_9009_gather_readings-7.py": "# evil\n",
    }
    intake = read_intake(lay_out(files, packed=True), katas)
    assert [(item.student.id, item.late) for item in intake.handins] == [("101", False), ("666", False)]


# -- where it is not sure, the run ends ------------------------------------------------------------
@pytest.mark.parametrize(
    ("files", "name", "words"),
    [
        (
            {"alice/04.py": GOOD, "bob/04.py": GOOD, "x_1_assignsubmission_file_/04.py": GOOD},
            "moodle",
            "'x_1_assignsubmission_file_' is named as moodle names submissions, and 'alice', 'bob' are not.",
        ),
        (
            {"alice.py": GOOD, "doejane_1_2_final.py": GOOD},
            "canvas",
            "'doejane_1_2_final.py' is named as canvas names submissions, and 'alice.py' is not.",
        ),
        (
            {"submission_metadata.yml": FORGED, "alice.py": GOOD},
            "gradescope",
            "'submission_metadata.yml' is named as gradescope names submissions, and 'alice.py' is not.",
        ),
    ],
)
def test_entries_that_disagree_are_named_and_the_format_is_asked_for(lay_out, katas, files, name, words):
    root = lay_out(files)
    with pytest.raises(BadInput) as refusal:
        read_intake(root, katas)
    assert str(refusal.value) == (
        f"The entries of class disagree: {words} Say what it is with --input {name} or --input plain."
    )
    assert read_intake(root, katas, layout="plain").format == "plain"
    forced = read_intake(root, katas, layout=name)
    assert forced.format == name
    assert forced.problems, "what does not fit is listed"


@pytest.mark.parametrize(
    ("files", "layout"),
    [
        ({"mallory/submission_metadata.yml": FORGED, "mallory/submission_1/04.py": GOOD}, "gradescope"),
        ({"mallory/Alice Abel_101_assignsubmission_file_/04.py": GOOD}, "moodle"),
        ({"x-submissions/x-alice/04.py": GOOD}, "classroom"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_one_folder_that_may_be_a_students_or_a_class_is_asked_about(lay_out, katas, files, layout, packed):
    """The only one who has handed in could have made all of it."""
    root = lay_out(files, packed=packed)
    with pytest.raises(
        BadInput, match=rf"may be a student's, or hold a class as {layout} .* --input {layout}"
    ):
        read_intake(root, katas)
    assert read_intake(root, katas, layout="plain").handins[0].student.id == next(iter(files)).split("/")[0]
    assert read_intake(root, katas, layout=layout).format == layout


def test_names_that_fit_two_formats_are_asked_about(lay_out, katas):
    root = lay_out({"Madonna_501_assignsubmission_file_1_2_gather_readings.py": GOOD})
    with pytest.raises(BadInput, match="may be moodle or canvas: all its names fit both"):
        read_intake(root, katas)


@pytest.mark.parametrize("login", ["x-submissions", "assignment_7_export", "submission"])
def test_a_login_is_no_sign_of_a_format(lay_out, katas, login):
    """Beside others it is a student's folder."""
    intake = read_intake(lay_out({"alice/04.py": GOOD, f"{login}/x-alice/04.py": GOOD}), katas)
    assert (intake.format, who(intake)) == ("plain", ["alice", login])


# -- who is who ------------------------------------------------------------------------------------
@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_text("id,name,login\ns1,Alice Abel,alice\ns2,Bob Brand,bob\n")
    return path


@pytest.mark.parametrize("login", ["s1", "Alice-Abel", "alice-abel", "S1"])
def test_a_login_is_compared_with_logins_only(lay_out, katas, roster, login):
    """Its owner has chosen it: it may be another's id or name."""
    files = {"w1-bob/04.py": GOOD, f"w1-{login}/04.py": GOOD}
    intake = read_intake(lay_out(files, name="w1-submissions"), katas, roster=roster)
    assert "s1" not in who(intake)
    assert "s1" in [student.id for student in intake.missing]


def test_of_two_who_claim_to_be_one_the_surest_is(lay_out, katas, roster):
    """The other is unmatched and told, with where it lies."""
    intake = read_intake(
        lay_out({"s1/04.py": "# alice\n", "Alice Abel/04.py": "# evil\n"}), katas, roster=roster
    )
    assert {item.student.id: item.submission.source for item in intake.handins} == {"s1": b"# alice\n"}
    (problem,) = intake.problems
    assert problem.path.startswith("Alice Abel")
    assert problem.why == "unmatched: might be Alice Abel (s1), who surely is another"


def test_two_who_may_be_one_end_the_run_unless_the_format_is_named(lay_out, katas, tmp_path):
    """Nobody guesses who is who; with `--input` both are listed and the others are graded."""
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\n1,Jane Doe\n2,Max Roe\n")
    files = {f"{name}_gather_readings.py": GOOD for name in ("doejane_7_1", "doejane_8_2", "roemax_9_3")}
    root = lay_out(files, packed=True)
    with pytest.raises(BadInput, match=r"doejane \(7\) and doejane \(8\) may both be Jane Doe \(1\)"):
        read_intake(root, katas, roster=roster)
    intake = read_intake(root, katas, roster=roster, layout="canvas")
    assert who(intake) == ["2"]
    assert [problem.why.split(":")[0] for problem in intake.problems] == ["unmatched", "unmatched"]


def test_one_id_with_two_names_is_nobodys(lay_out, katas):
    """No learning system writes that."""
    root = lay_out({"abelalice_101_1_04.py": GOOD, "mallory_101_2_04.py": GOOD, "bob_102_3_04.py": GOOD})
    with pytest.raises(BadInput, match="have one id"):
        read_intake(root, katas)
    assert who(read_intake(root, katas, layout="canvas")) == ["102"]


@pytest.mark.parametrize("login", ["alice_04_gather_readings", "alice_kata4"])
def test_a_file_whose_name_may_be_two_students_is_unmatched(lay_out, katas, login):
    """`alice.py` is there too, and says that students' files are called by their names alone."""
    intake = read_intake(lay_out({"alice.py": GOOD, f"{login}.py": "# evil\n"}), katas)
    assert [item.submission.source for item in intake.handins] == [GOOD.encode()]
    assert intake.problems[0].why == f"unmatched: it may be of alice, or of somebody called {login}"


def test_a_pattern_is_matched_from_the_left(lay_out, katas):
    """Looked for anywhere, it finds the folder that a student has called `alice`."""
    files = {"alice/hw/04.py": "# alice\n", "mallory/alice/hw/04.py": "# evil\n"}
    intake = read_intake(lay_out(files), katas, pattern=r"(?P<student>\w+)/hw/")
    assert [item.submission.source for item in intake.handins] == [b"# alice\n"]
