"""A folder that is graded again: what changed in it changes in the marks, and nothing goes unsaid."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest
from a_class import Class

from grader.errors import BadInput
from grader.grading.store import read_store

ACCEPTED, REJECTED = 3, 1


def age(school_class: Class, place: str, seconds: int) -> None:
    """Sets a file's time to so many seconds since 1970, as copying with times does."""
    os.utime(school_class.root / place, (seconds, seconds))


def gone(student: str, slug: str = "gather_readings") -> str:
    return f"{student}: no longer submitted ({slug}); kept in the store, not counted"


# -- changed ---------------------------------------------------------------------------------------
def test_a_changed_file_counts_although_it_is_older_than_what_it_replaces(school_class):
    """`cp -p`, rsync and unzip keep times; nobody is told that bob withdrew."""
    age(school_class, "bob/04.py", 2_000_000_000)
    school_class.grade()
    school_class.hand_in(bob_04="# accept\n# corrected")
    age(school_class, "bob/04.py", 1_000_000_000)
    school_class.grade()
    assert school_class.judged() == [("gather_readings", ("bob",))]
    assert school_class.table()["bob"] == [ACCEPTED, "-"]
    assert school_class.problems() == []


def test_going_back_to_what_was_handed_in_before_counts_without_judging(school_class):
    """It was kept, and it is there again."""
    school_class.grade()
    school_class.hand_in(bob_04="# accept")
    school_class.grade()
    school_class.hand_in(bob_04="# reject\n# bob")
    assert school_class.grade().judged == 0
    assert school_class.table()["bob"] == [REJECTED, "-"]


def test_of_several_files_in_one_place_the_time_decides_as_in_a_store_of_its_own(school_class):
    """Although the older one came into the store later."""
    school_class.hand_in(bob_04="# accept")
    age(school_class, "bob/04.py", 2_000_000_000)
    school_class.grade()
    other = school_class.root / "bob" / "gather_readings_first_try.py"
    other.write_text("# reject\n# first")
    age(school_class, "bob/gather_readings_first_try.py", 1_000_000_000)
    school_class.grade()
    assert school_class.table()["bob"] == [ACCEPTED, "-"]


def test_what_came_from_another_place_last_is_the_newest_where_no_system_says_when(school_class, tmp_path):
    """A folder of resubmissions with older times; grading the first folder again changes nothing."""
    age(school_class, "bob/04.py", 2_000_000_000)
    school_class.grade()
    fixed = tmp_path / "fixed" / "bob" / "04.py"
    fixed.parent.mkdir(parents=True)
    fixed.write_text("# accept")
    os.utime(fixed, (1_000_000_000, 1_000_000_000))
    school_class.grade(path=tmp_path / "fixed")
    assert school_class.table()["bob"] == [ACCEPTED, "-"]
    school_class.grade()
    assert school_class.table()["bob"] == [ACCEPTED, "-"]


# -- gone ------------------------------------------------------------------------------------------
def test_a_renamed_folder_is_one_student_and_the_old_name_is_told(school_class):
    """`alcie` was never anybody."""
    school_class.hand_in(carol_04="# accept")
    (school_class.root / "carol").rename(school_class.root / "caorl")
    school_class.grade()
    (school_class.root / "caorl").rename(school_class.root / "carol")
    school_class.grade()
    assert school_class.table() == {
        "alice": [ACCEPTED, REJECTED],
        "bob": [REJECTED, "-"],
        "carol": [ACCEPTED, "-"],
    }
    assert school_class.told() == [gone("caorl")]


def test_what_is_withdrawn_does_not_count_is_told_and_is_kept(school_class):
    """One line for each, by every run over the folder and in every report."""
    school_class.grade()
    shutil.rmtree(school_class.root / "bob")
    (school_class.root / "alice" / "09.py").unlink()
    lines = [gone("alice", "timeouts"), gone("bob")]
    for _ in range(2):
        summary = school_class.grade()
        assert (summary.problems, school_class.told()) == (2, lines)
    assert school_class.table() == {"alice": [ACCEPTED]}
    assert [f"{problem.path}: {problem.why}" for problem in school_class.ledger().problems] == lines
    school_class.hand_in(bob_04="# reject\n# bob", alice_09="# reject")
    assert school_class.grade().judged == 0, "its judgement was never lost"
    assert school_class.problems() == []
    assert school_class.table()["bob"] == [REJECTED, "-"]


def test_who_withdrew_and_is_on_the_roster_keeps_an_empty_row(school_class, tmp_path):
    """They are of the class."""
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\nalice,Alice\nbob,Bob\n")
    school_class.grade(roster=roster)
    shutil.rmtree(school_class.root / "bob")
    school_class.grade(roster=roster)
    assert school_class.table()["bob"] == ["-", "-"]
    assert school_class.problems() == [gone("").removeprefix(": ")]


def test_another_place_takes_nothing_away(school_class, tmp_path):
    """Next week's archive has only what was handed in next week."""
    school_class.grade()
    with zipfile.ZipFile(tmp_path / "week2.zip", "w") as archive:
        archive.writestr("bob/09.py", "# accept")
        archive.writestr("carol/09.py", "# accept")
    school_class.grade(path=tmp_path / "week2.zip")
    assert school_class.problems() == []
    assert school_class.table() == {
        "alice": [ACCEPTED, REJECTED],
        "bob": [REJECTED, ACCEPTED],
        "carol": ["-", ACCEPTED],
    }


def test_what_is_still_handed_in_elsewhere_is_not_told_as_gone(school_class, tmp_path):
    """The other copy counts."""
    shutil.copytree(school_class.root, tmp_path / "copy")
    school_class.grade()
    school_class.grade(path=tmp_path / "copy")
    shutil.rmtree(school_class.root / "bob")
    school_class.grade()
    assert school_class.problems() == []
    assert school_class.table()["bob"] == [REJECTED, "-"]
    marks = school_class.ledger().marks
    assert {mark.attempts for mark in marks.values()} == {1}, "a copy is no second attempt"


def test_a_place_is_the_same_however_it_is_named(school_class, tmp_path, monkeypatch):
    """Relative, with dots, through a link."""
    (tmp_path / "link").symlink_to(school_class.root)
    monkeypatch.chdir(tmp_path)
    school_class.grade()
    shutil.rmtree(school_class.root / "bob")
    for path in ("link", "class", "out/../class"):
        school_class.grade(path=Path(path))
        assert school_class.told() == [gone("bob")]


# -- other ids -------------------------------------------------------------------------------------
def test_a_roster_given_later_renames_the_class_and_does_not_double_it(school_class, tmp_path):
    """The old ids are nobody's any more, and that is no withdrawal."""
    school_class.grade()
    roster = tmp_path / "roster.csv"
    roster.write_text("id,login,name\n101,alice,Alice\n102,bob,Bob\n103,carol,Carol\n")
    summary = school_class.grade(roster=roster)
    assert (summary.judged, school_class.problems()) == (0, [])
    table = {"101": [ACCEPTED, REJECTED], "102": [REJECTED, "-"], "103": ["-", "-"]}
    assert school_class.table() == table
    with pytest.raises(BadInput, match=r"was graded with --roster .*, and this run has no --roster"):
        school_class.grade()
    assert school_class.table() == table
    school_class.grade(forget=("roster",))
    assert school_class.table() == {"alice": [ACCEPTED, REJECTED], "bob": [REJECTED, "-"]}
    school_class.grade(roster=roster)
    assert (school_class.table(), school_class.problems()) == (table, [])


def test_a_roster_for_one_student_renames_that_one(school_class, tmp_path):
    """`--only` by the new id finds the old one by the file that both handed in."""
    school_class.grade()
    roster = tmp_path / "roster.csv"
    roster.write_text("id,login,name\n101,alice,Alice\n102,bob,Bob\n")
    school_class.grade(roster=roster, only=("101",))
    assert school_class.table() == {"101": [ACCEPTED, REJECTED], "bob": [REJECTED, "-"]}


def test_who_left_a_group_is_told_although_the_groups_file_is_still_there(school_class):
    """A file that others had before is not theirs anew."""
    listing = school_class.root / "submission_metadata.yml"
    (school_class.root / "group").mkdir()
    (school_class.root / "group" / "gather_readings.py").write_text("# accept\n# of two")
    people = "".join(f"  - :name: {name}\n    :sid: {name}\n" for name in ("dora", "emil"))
    listing.write_text(f"group:\n  :submitters:\n{people}")
    school_class.grade(layout="gradescope")
    assert school_class.table() == {"dora": [ACCEPTED], "emil": [ACCEPTED]}
    listing.write_text("group:\n  :submitters:\n  - :name: dora\n    :sid: dora\n")
    school_class.grade(layout="gradescope")
    assert school_class.table() == {"dora": [ACCEPTED]}
    assert gone("emil") in school_class.told()


# -- scope -----------------------------------------------------------------------------------------
def test_students_out_of_scope_stay_as_they_were_and_are_said_to_wait(school_class):
    """What was judged of them counts until a run is about them."""
    school_class.grade()
    school_class.hand_in(
        alice_04="# reject\n# worse", bob_04="# accept\n# better", carol_04="# accept\n# carol"
    )
    summary = school_class.grade(only=("alice",))
    assert (summary.judged, summary.waiting) == (1, 2)
    assert school_class.table() == {"alice": [REJECTED, REJECTED], "bob": [REJECTED, "-"]}
    summary = school_class.grade()
    assert (summary.judged, summary.waiting) == (2, 0)
    assert school_class.table()["bob"] == [ACCEPTED, "-"]


def test_only_what_is_in_scope_can_go(school_class):
    """Others, and other katas, stay; names are looked for among those who are gone, too."""
    school_class.hand_in(bob_09="# reject")
    school_class.grade()
    shutil.rmtree(school_class.root / "bob")
    school_class.grade(only=("alice",))
    assert school_class.problems() == []
    school_class.grade(katas=("9",))
    assert school_class.told() == [gone("bob", "timeouts")]
    assert school_class.table()["bob"] == [REJECTED, "-"]
    school_class.grade(only=("bob",))
    assert school_class.told() == [gone("bob"), gone("bob", "timeouts")]
    assert "bob" not in school_class.table()
    with pytest.raises(BadInput, match="matches --only bob"):
        school_class.grade(only=("bob",))


# -- problems --------------------------------------------------------------------------------------
def test_what_could_not_be_judged_is_listed_in_reports_until_it_is(school_class):
    """As many lines as the run told; a run that judges nothing anew tells them again."""
    school_class.hand_in(mallory_04="# break", mallory_09="# break")
    summary = school_class.grade()
    assert summary.problems == len(school_class.told()) == 2
    listed = [f"{problem.path}: {problem.why}" for problem in school_class.ledger().problems]
    assert sorted(listed) == sorted(school_class.told())
    assert "04_gather_readings of mallory: could not be judged: the judge broke" in listed[0]
    assert school_class.grade(only=("alice",)).problems == 0
    school_class.hand_in(mallory_04="# accept", mallory_09="# accept")
    assert school_class.grade().problems == 0
    assert school_class.ledger().problems == ()


def test_a_judgement_to_look_at_that_is_known_is_told_again(school_class, monkeypatch):
    """What a run says does not depend on which run judged."""
    monkeypatch.setenv("FAKE_JUDGE_STALLS", "1")
    first = school_class.grade()
    told = school_class.told()
    assert (first.problems, first.judged) == (2, 3)
    second = school_class.grade()
    assert (second.problems, second.judged) == (2, 0)
    assert sorted(school_class.told()) == sorted(told)


def test_who_handed_in_nothing_that_could_be_placed_has_a_row(school_class):
    """Also without a roster, and until the file is gone."""
    notes = school_class.root / "zoe" / "notes.py"
    notes.parent.mkdir()
    notes.write_text("x = 1")
    school_class.grade()
    assert school_class.table()["zoe"] == ["-", "-"]
    shutil.rmtree(notes.parent)
    school_class.grade()
    assert "zoe" not in school_class.table()
    assert school_class.problems() == []


def test_problems_of_each_place_stay_until_it_is_read_again(school_class, tmp_path):
    """A second archive does not hide what was wrong with the first."""
    (school_class.root / "bob" / "notes.py").write_text("x = 1")
    school_class.grade()
    with zipfile.ZipFile(tmp_path / "week2.zip", "w") as archive:
        archive.writestr("carol/09.py", "# accept")
        archive.writestr("carol/things.py", "x = 1")
    school_class.grade(path=tmp_path / "week2.zip")
    with read_store(school_class.store) as store:
        assert sorted(problem.path for problem in store.problems()) == ["bob/notes.py", "carol/things.py"]


def test_the_row_of_who_has_only_problems_has_their_name(school_class, tmp_path):
    """As the learning system calls them."""
    with zipfile.ZipFile(tmp_path / "moodle.zip", "w") as archive:
        archive.writestr("Jane Doe_11_assignsubmission_file_/04.py", "# accept")
        archive.writestr("Max Roe_12_assignsubmission_file_/essay.py", "x = 1")
    school_class.grade(path=tmp_path / "moodle.zip", layout="moodle")
    students = {student.id: student.name for student in school_class.ledger().students}
    assert students == {"11": "Jane Doe", "12": "Max Roe"}
