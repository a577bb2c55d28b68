"""Every learning system's layout is told apart and read to the same hand-ins."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.errors import BadInput
from grader.intake import Intake, read_intake

GOOD = "async def read_all(names):\n    return names\n"


def who(intake: Intake) -> list[tuple[str, str]]:
    """(student, kata) of every hand-in."""
    return [(item.student.id, item.slug) for item in intake.handins]


def whys(intake: Intake) -> str:
    return "\n".join(f"{problem.path}: {problem.why}" for problem in intake.problems)


# -- plain -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_per_student_is_read_alike_from_disk_and_from_a_zip(lay_out, katas, packed):
    """`ROOT/<student>/<file>.py`, the kata by slug, by number and by folder."""
    files = {
        "alice/04_gather_readings.py": GOOD,
        "bob/katas/9.py": "x = 1",
        "carol/gather-readings/answer.py": GOOD,
        "dave/kata_04.py": GOOD,
    }
    intake = read_intake(lay_out(files, packed=packed), katas)
    assert intake.format == "plain"
    assert who(intake) == [
        ("alice", "gather_readings"),
        ("bob", "timeouts"),
        ("carol", "gather_readings"),
        ("dave", "gather_readings"),
    ]
    assert not intake.problems


def test_a_file_per_student_is_named_for_the_student(lay_out, katas):
    """`ROOT/<student>.py`, and `<student>_<kata>.py` for several katas of one student."""
    files = {"alice.py": GOOD, "bob_09_timeouts.py": "x", "bob_04_gather_readings.py": GOOD}
    intake = read_intake(lay_out(files), katas)
    assert who(intake) == [("alice", "gather_readings"), ("bob", "gather_readings"), ("bob", "timeouts")]


def test_one_students_own_folder_is_that_student(lay_out, katas):
    """Files named for katas right in the root belong to whom the root is named for."""
    intake = read_intake(lay_out({"04_gather_readings.py": GOOD}, name="alice"), katas)
    assert who(intake) == [("alice", "gather_readings")]


def test_one_file_can_be_named_instead_of_a_folder(lay_out, katas):
    """Other files beside it are not taken."""
    root = lay_out({"alice.py": GOOD, "bob.py": GOOD})
    assert who(read_intake(root / "alice.py", katas)) == [("alice", "gather_readings")]


@pytest.mark.parametrize("name", ["class", "week3"])
def test_the_folder_that_a_zip_puts_around_a_class_is_no_student(lay_out, katas, name):
    """Whether it is named like the archive or holds folders that are no katas."""
    files = {f"{name}/alice/04_gather_readings.py": GOOD, f"{name}/bob/04_gather_readings.py": GOOD}
    intake = read_intake(lay_out(files, packed=True), katas)
    assert who(intake) == [("alice", "gather_readings"), ("bob", "gather_readings")]


def test_a_zip_of_one_student_with_a_folder_per_kata_is_one_student(lay_out, katas):
    """The folders below are katas, so the one above them is the student."""
    files = {"alice/04_gather_readings/answer.py": GOOD, "alice/09_timeouts/answer.py": "x"}
    intake = read_intake(lay_out(files, packed=True), katas)
    assert who(intake) == [("alice", "gather_readings"), ("alice", "timeouts")]


# -- Canvas ----------------------------------------------------------------------------------------
def test_canvas_says_all_in_the_file_name(lay_out, katas):
    """Late flag, names that hold `_`, re-uploads, anonymous marking, typed answers."""
    files = {
        "doejane_LATE_101_9001_04_gather_readings.py": GOOD,
        "van_der_berg_102_9002_04_gather_readings-1.py": GOOD + "# again",
        "van_der_berg_102_9003_04_gather_readings-2.py": GOOD + "# and again",
        "anon_x7Kq1_9004_gather_readings.py": GOOD,
        "anon_LATE_y8Lr2_9005_gather_readings.py": GOOD,
        "roemax_104_text.html": "<p>async def read_all(names):</p><p>&nbsp; &nbsp; return names</p>",
    }
    intake = read_intake(lay_out(files, packed=True), katas)
    assert intake.format == "canvas"
    assert {(item.student.id, item.late) for item in intake.handins} == {
        ("101", True),
        ("102", False),
        ("x7Kq1", False),
        ("y8Lr2", True),
        ("104", False),
    }
    typed = next(item for item in intake.handins if item.student.id == "104")
    assert typed.submission.source == b"async def read_all(names):\n    return names\n"
    again = [item for item in intake.handins if item.student.id == "102"]
    assert [item.newness[1] for item in again] == [1, 2], "the newest comes last"
    assert not intake.problems


def test_a_canvas_name_is_matched_to_the_roster_by_its_sortable_name(lay_out, katas, tmp_path):
    """`doejane` is "Jane Doe" and "Doe, Jane"; the Canvas id is kept beside the roster's."""
    roster = tmp_path / "roster.csv"
    roster.write_text(
        'id,name,email,section\ns1,Jane Doe,jane@x.org,A\ns2,"Roe, Max",m@x.org,B\ns3,Zoe Yu,,B\n'
    )
    files = {"doejane_101_9001_gather_readings.py": GOOD, "roemax_102_9002_gather_readings.py": GOOD}
    intake = read_intake(lay_out(files, packed=True), katas, roster=roster)
    assert [(item.student.id, item.student.lms_id, item.student.section) for item in intake.handins] == [
        ("s1", "101", "A"),
        ("s2", "102", "B"),
    ]
    assert [student.id for student in intake.missing] == ["s3"]


# -- Moodle ----------------------------------------------------------------------------------------
def test_moodle_folders_are_anchored_at_their_right_end(lay_out, katas):
    """Names may hold digits and `_`; the trailing `_` comes and goes; typed answers count."""
    files = {
        "Jane 2_nd Doe_501_assignsubmission_file/04_gather_readings.py": GOOD,
        "Max Roe_502_assignsubmission_file_/sub/answer.py": GOOD,
        "Zoe Yu_503_assignsubmission_onlinetext/onlinetext.html": "<pre>async def read_all(n): ...</pre>",
    }
    intake = read_intake(lay_out(files, packed=True), katas)
    assert intake.format == "moodle"
    assert [item.student.id for item in intake.handins] == ["501", "502", "503"]
    assert intake.handins[0].student.name == "Jane 2_nd Doe"
    assert intake.handins[0].submitted_at == datetime(2026, 3, 1, 12, 0)


def test_moodle_flat_mode_has_the_file_behind_the_participant(lay_out, katas):
    """The mode of Moodle before 3.1, still a setting."""
    files = {
        "Jane Doe_501_assignsubmission_file_04_gather_readings.py": GOOD,
        "Max Roe_502_assignsubmission_onlinetext_onlinetext.html": "<p>async def read_all(n): return n</p>",
    }
    intake = read_intake(lay_out(files), katas)
    assert who(intake) == [("501", "gather_readings"), ("502", "gather_readings")]


# -- Gradescope ------------------------------------------------------------------------------------
METADATA = """\
submission_1:
  :submitters:
  - :name: Jane Doe
    :sid: '0012'
    :email: jane@x.org
  :created_at: 2026-03-01 10:00:00.123456789 Z
  :score: 0.0
  :history: []
submission_2:
  :submitters:
  - :name: Max Roe
    :sid: '13'
    :email: max@x.org
  - :name: Zoe Yu
    :sid:
    :email: zoe@x.org
  :created_at: 2026-03-02 10:00:00 Z
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
"""


@pytest.mark.parametrize("wrapping", ["", "assignment_77_export/"])
def test_a_gradescope_export_gives_a_groups_hand_in_to_each_member(lay_out, katas, wrapping):
    """Ruby's symbols are keys, Ruby's classes are plain maps, times have their zone."""
    files = {
        f"{wrapping}submission_metadata.yml": METADATA,
        f"{wrapping}submission_1/gather_readings.py": GOOD,
        f"{wrapping}submission_2/src/gather_readings.py": GOOD,
        f"{wrapping}submission_3/gather_readings.py": GOOD,
    }
    intake = read_intake(lay_out(files, packed=True), katas)
    assert intake.format == "gradescope"
    assert [item.student.id for item in intake.handins] == ["0012", "13", "zoe@x.org"]
    assert intake.handins[0].submitted_at == datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=UTC)
    assert "submission_3: is not named in submission_metadata.yml" in whys(intake)


@pytest.mark.parametrize(
    "listing",
    [
        "submission_1: !!python/object/apply:os.system ['true']\n",
        "- just\n- a list\n",
        "{unclosed: [",
        "[" * 5000,
        "a: &a [x]\nb: !!python/name:os.system\n",
    ],
)
def test_a_gradescope_listing_that_is_not_plain_data_is_refused(lay_out, katas, listing):
    """Never constructed, never a traceback."""
    root = lay_out({"submission_metadata.yml": listing, "submission_1/a.py": GOOD})
    with pytest.raises(BadInput, match=r"submission_metadata\.yml"):
        read_intake(root, katas)


def test_the_gradescope_container_knows_its_due_date(lay_out, katas):
    """`/autograder`: one submission, its group, late against the assignment's date."""
    metadata = {
        "created_at": "2026-03-02T00:00:01.000000-07:00",
        "assignment": {"due_date": "2026-03-02T00:00:00.000000-07:00"},
        "users": [{"id": 7, "email": "jane@x.org", "name": "Jane Doe"}],
    }
    files = {"submission_metadata.json": json.dumps(metadata), "submission/gather_readings.py": GOOD}
    intake = read_intake(lay_out(files, name="autograder"), katas)
    assert intake.format == "gradescope-container"
    (handin,) = intake.handins
    assert (handin.student.id, handin.late) == ("jane@x.org", True)


# -- GitHub Classroom ------------------------------------------------------------------------------
GRADES = (
    "assignment_name,assignment_url,starter_code_url,github_username,roster_identifier,"
    "student_repository_name,student_repository_url,submission_timestamp,points_awarded,points_available\n"
    "Week 1,,,janedoe,s1,week-1-janedoe,,2026-03-01 10:00:00 UTC,0,10\n"
)


@pytest.mark.parametrize("beside", [True, False])
def test_classroom_clones_find_their_people_in_the_grades_csv(lay_out, katas, tmp_path, beside):
    """Given as the roster or lying beside the clones; `.git` is no hand-in; a stranger is reported."""
    files = {
        "week-1-janedoe/04_gather_readings.py": GOOD,
        "week-1-janedoe/.git/hooks/04_gather_readings.py": "nothing",
        "week-1-stranger/04_gather_readings.py": GOOD,
    }
    if beside:
        files["grades.csv"] = GRADES
    (tmp_path / "grades.csv").write_text(GRADES)
    root = lay_out(files, name="week-1-submissions")
    intake = read_intake(root, katas, roster=None if beside else tmp_path / "grades.csv")
    assert intake.format == "classroom"
    assert who(intake) == [("s1", "gather_readings"), ("stranger", "gather_readings")]
    assert intake.handins[0].submitted_at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert "week-1-stranger: is a repository that the grades CSV does not name" in whys(intake)


# -- anything else ---------------------------------------------------------------------------------
def test_a_pattern_with_named_groups_reads_any_layout(lay_out, katas):
    """Kata, name, e-mail and time are optional; what does not fit is reported."""
    files = {"2026-03-01_10-30-00/jane@x.org/k4/final.py": GOOD, "readme.py": "x"}
    pattern = r"(?P<submitted_at>[^/]+)/(?P<student>[^/@]+)(?P<email>@[^/]+)/k(?P<kata>\d+)/"
    intake = read_intake(lay_out(files), katas, pattern=pattern)
    assert who(intake) == [("jane", "gather_readings")]
    assert intake.handins[0].submitted_at == datetime(2026, 3, 1, 10, 30)
    assert whys(intake) == "readme.py: does not fit --pattern"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "not a regular expression"),
        ("x", "no group named student"),
        ("(?P<student>x)(?P<team>y)", "team"),
    ],
)
def test_a_pattern_that_cannot_work_is_refused_with_words(lay_out, katas, pattern, message):
    """Before anything is read."""
    with pytest.raises(BadInput, match=message):
        read_intake(lay_out({"a.py": GOOD}), katas, pattern=pattern)


def test_an_explicit_format_overrides_what_the_tree_looks_like(lay_out, katas):
    """A student may be called like a Canvas file."""
    root = lay_out({"doejane_101_9001_gather_readings.py": GOOD})
    assert read_intake(root, katas).format == "canvas"
    assert who(read_intake(root, katas, layout="plain")) == [("doejane_101_9001", "gather_readings")]
    with pytest.raises(BadInput, match="no input format 'blackboard'"):
        read_intake(root, katas, layout="blackboard")


@pytest.mark.parametrize("name", ["nothing", "file.txt", "broken.zip"])
def test_a_path_that_cannot_be_graded_is_refused_with_words(katas, tmp_path, name):
    """Nothing there, not an archive, a damaged one."""
    if name != "nothing":
        (tmp_path / name).write_bytes(b"PK\x03\x04 but no more")
    with pytest.raises(BadInput, match=r"nothing at|cannot be graded: .+\. Name a"):
        read_intake(Path(tmp_path / name), katas)
