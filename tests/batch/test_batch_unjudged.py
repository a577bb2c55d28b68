"""What we could not judge is no zero: not in a table, not in a sum, not in what a system takes back."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from a_class import Class

from grader.export import EXPORTERS, ExportOptions, ExportResult


@pytest.fixture
def half_judged(school_class: Class) -> Class:
    """Of alice both katas are judged, of bob one, of mallory none."""
    school_class.hand_in(bob_09="# break", mallory_04="# break\n# mallory")
    assert school_class.grade().errors == 2
    return school_class


def write(name: str, school_class: Class, out: Path, **given: object) -> ExportResult:
    return EXPORTERS[name].write(school_class.ledger(), out, ExportOptions(**given))


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text().splitlines()))


def test_a_table_has_empty_cells_and_all_points_that_are_possible(half_judged, tmp_path):
    """As for what is not yet judged; a total of nothing is no total."""
    (path,) = write("csv", half_judged, tmp_path).paths
    assert [row[4:] for row in rows(path)[1:]] == [
        ["3", "3", "6"],
        ["3", "1", "4"],
        ["1", "", "1"],
        ["", "", ""],
    ]


def test_a_long_table_has_no_points_for_a_check_that_was_not_judged(half_judged, tmp_path):
    """And says why in its verdict."""
    (path,) = write("csv-long", half_judged, tmp_path).paths
    table = [dict(zip(rows(path)[0], row, strict=True)) for row in rows(path)[1:]]
    errors = [row for row in table if row["verdict"] == "JUDGE_ERROR"]
    assert [(row["student_id"], row["points"]) for row in errors] == [("bob", ""), ("mallory", "")]


def test_canvas_is_given_no_sum_that_is_short_of_a_kata(half_judged, tmp_path):
    """An empty cell leaves what Canvas has; a column of its own is as good as ever."""
    roster = tmp_path / "roster.csv"
    roster.write_text("id,login\n1,alice\n2,bob\n3,mallory\n")
    half_judged.grade(roster=roster)
    titles = ("Week 1 (7)", "gather_readings=Gather (8)")
    written = write("canvas", half_judged, tmp_path, assignments=titles)
    assert [row[5:] for row in rows(written.paths[0])[1:]] == [["6", "3"], ["4", "3"], ["", "1"], ["", ""]]
    assert "2 gets no mark: timeouts could not be judged" in written.notes


def test_gradescope_gets_no_result_and_none_from_before_is_left(half_judged, tmp_path):
    """A result's score would be taken for the student's; the instructor is told."""
    for student in ("alice", "bob", "mallory"):
        (tmp_path / student).mkdir()
        (tmp_path / student / "results.json").write_text("{}")
    written = write("gradescope", half_judged, tmp_path)
    assert written.paths == (tmp_path / "alice" / "results.json",)
    assert list(tmp_path.glob("*/results.json")) == list(written.paths)
    assert written.notes == (
        "bob gets no mark: timeouts could not be judged",
        "mallory gets no mark: gather_readings could not be judged",
    )


def test_gradescope_gets_no_result_for_its_one_submission_either(school_class, tmp_path):
    """Its container leaves none, and says "failed" and not "0 points"."""
    school_class.hand_in(alice_04="# break")
    school_class.grade(only=("alice",), katas=("4",))
    (tmp_path / "results.json").write_text("{}")
    written = write("gradescope", school_class, tmp_path)
    assert (written.paths, len(written.notes)) == ((), 1)
    assert not (tmp_path / "results.json").exists()


def test_lines_have_neither_score_nor_mark(half_judged, tmp_path):
    """`null`, and what it is worth."""
    (path,) = write("jsonl", half_judged, tmp_path).paths
    text = path.read_text()
    assert text.count('"raw": null, "max_raw": 3.0, "points": null, "worth": 3.0') == 2
