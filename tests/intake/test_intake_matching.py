"""Which file is which kata, and what happens to files that say nothing or too much."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from school import make_kata

from grader.intake import read_intake
from grader.intake.handins import SOURCE_BYTES
from grader.intake.matching import match
from grader.records import Kata

GOOD = b"async def read_all(names):\n    return names\n"


@pytest.mark.parametrize(
    "path",
    [
        "04_gather_readings.py",
        "4.py",
        "kata4.py",
        "KATA-04.PY",
        "Gather Readings (final).py",
        "gather-readings.py.txt",
        "my_gather_readings_v2.py",
        "gather_readings/answer.py",
        "04/src/answer.py",
    ],
)
def test_a_name_says_which_kata_it_is(katas, path):
    """Slug, number or both; the file's own name before its folders'; case and separators are nothing."""
    assert match(path, b"", katas).slug == "gather_readings"


def test_a_files_own_name_wins_over_its_folders(katas):
    """A student may keep everything in the folder of the first kata."""
    assert match("04_gather_readings/09_timeouts.py", GOOD, katas).slug == "timeouts"


def test_a_name_of_two_katas_is_reported_and_not_guessed(katas):
    """Even when the source would fit one of them."""
    found = match("timeouts_and_gather_readings.py", GOOD, katas)
    assert not found.slug
    assert found.why == "its name fits several katas: gather_readings, timeouts"


def test_an_unnamed_file_is_matched_by_all_its_entry_points(katas):
    """The kata that asks for the most of what is defined wins; methods and nested functions are nothing."""
    assert match("answer.py", GOOD, katas).slug == "gather_readings"
    assert match("answer.py", GOOD + b"class Report:\n    pass\n", katas).slug == "partial_failure"
    assert match("answer.py", b"boil = main = None\n", katas).why
    assert match("answer.py", b"class A:\n    def read_all(self): ...\n", katas).why


def test_entry_points_shared_by_two_katas_are_ambiguous(katas):
    """Reported with both names."""
    twins = (*katas, katas[1].__class__(**{**_fields(katas[1]), "slug": "other", "number": 11}))
    assert match("answer.py", GOOD, twins).why == "what it defines fits several katas: gather_readings, other"


def _fields(kata: Kata) -> dict[str, object]:
    return {name: getattr(kata, name) for name in kata.__struct_fields__}


def test_a_file_that_does_not_parse_still_finds_its_kata(katas):
    """Its author is then told that it does not parse."""
    assert match("answer.py", GOOD + b"def broken(:\n\0", katas).slug == "gather_readings"


@given(
    path=st.lists(st.text(min_size=1).filter(lambda part: "/" not in part), min_size=1), source=st.binary()
)
def test_no_name_and_no_source_breaks_the_matching(path, source):
    """There is a slug or there is a reason, whatever is handed in."""
    found = match("/".join(path), source, [make_kata(4, "gather_readings", "read_all")])
    assert bool(found.slug) != bool(found.why)


def test_what_is_not_python_is_reported_only_for_who_handed_in_nothing_else(lay_out, katas):
    """A README beside an answer is no news; a PDF in place of one is."""
    files = {"alice/04.py": GOOD, "alice/README.md": "hello", "bob/answer.pdf": b"%PDF"}
    intake = read_intake(lay_out(files), katas)
    (problem,) = intake.problems
    assert (problem.path, problem.why, problem.student_id) == (
        "bob/answer.pdf",
        "is not a Python file",
        "bob",
    )


def test_files_that_no_kata_declares_never_land(lay_out, katas):
    """An `asyncio.py` beside the answer is reported, a `conftest.py` needs no word, and neither lands."""
    files = {"alice/04.py": GOOD, "alice/conftest.py": "x", "alice/asyncio.py": "x"}
    intake = read_intake(lay_out(files), katas)
    assert [item.source_path for item in intake.handins] == ["alice/04.py"]
    assert [problem.path for problem in intake.problems] == ["alice/asyncio.py"]


def test_only_one_kata_asked_for_takes_what_says_nothing_of_itself(lay_out, katas):
    """`homework.py` that defines nothing is still judged; an answer to another kata is told and not taken."""
    files = {"alice/homework.py": "def broken(:", "bob/09_timeouts.py": "x"}
    intake = read_intake(lay_out(files), katas, wanted=[katas[1]])
    assert [(item.student.id, item.slug) for item in intake.handins] == [("alice", "gather_readings")]
    (problem,) = intake.problems
    assert (problem.path, problem.student_id) == ("bob/09_timeouts.py", "bob")
    assert problem.why == "no answer to gather_readings, only to timeouts"


@pytest.mark.parametrize("source", [b"", b"\xff\xfe\0", b"# caf\xe9\n", b"\0" * 10])
def test_odd_bytes_are_handed_on_as_they_are(lay_out, katas, source):
    """Empty, NUL and other encodings are results of the judge and never crashes of ours."""
    (handin,) = read_intake(lay_out({"alice/04.py": source}), katas).handins
    assert handin.submission.source == source


def test_a_huge_file_is_cut_with_a_note(lay_out, katas):
    """It is judged as what is left of it, and the instructor is told."""
    intake = read_intake(lay_out({"alice/04.py": b"#" * (SOURCE_BYTES + 5)}), katas)
    assert len(intake.handins[0].submission.source) == SOURCE_BYTES
    assert intake.problems[0].why == "is longer than 1024 KB; only so much is judged"


def test_all_of_a_students_answers_are_kept_the_newest_last(lay_out, katas):
    """None is dropped; which counts is the policy's to say."""
    root = lay_out({"alice/04.py": GOOD, "alice/old/04.py": b"x"})
    os.utime(root / "alice/04.py", (2_000_000_000, 2_000_000_000))
    os.utime(root / "alice/old/04.py", (1_000_000_000, 1_000_000_000))
    intake = read_intake(root, katas)
    assert [item.source_path for item in intake.handins] == ["alice/old/04.py", "alice/04.py"]
