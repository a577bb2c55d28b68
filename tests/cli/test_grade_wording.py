"""What `kata grade` says of counts and names reads right for one and for many."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from msgspec.structs import replace

from grader.cli.grade import _sum
from grader.cli.progress_bar import ProgressReporter
from grader.grading.events import Event, Judged, Planned, Summary
from grader.intake import Student
from grader.records import Verdict


def told(*events: Event) -> str:
    stream = io.StringIO()
    with ProgressReporter(stream) as reporter:
        for event in events:
            reporter(event)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("handins", "students", "words"),
    [
        (1, 1, "1 submission of 1 student (plain)"),
        (2, 1, "2 submissions of 1 student"),
        (0, 0, "0 submissions of 0 st"),
    ],
)
def test_a_plan_counts_in_singular_and_plural(handins, students, words):
    """Both numbers on their own."""
    plan = Planned(
        format="plain", students=students, handins=handins, to_judge=1, known=0, engine="local", missing=()
    )
    assert words in told(plan)


def test_errors_are_counted_in_singular_and_plural():
    """Each line as far as it has come."""
    ended = [
        Judged(
            slug="timeouts",
            students=("a",),
            verdict=Verdict.JUDGE_ERROR,
            points=0,
            max_points=1,
            done=done,
            total=2,
        )
        for done in (1, 2)
    ]
    assert [line.rpartition(", ")[2] for line in told(*ended).splitlines() if "judged" in line] == [
        "1 error",
        "2 errors",
    ]


SUMMARY = Summary(
    handins=0, judged=0, known=0, verdicts={}, isolation={}, problems=0, missing=(), seed=None, waiting=0
)


def test_missing_students_are_told_apart_though_their_names_have_commas():
    """By their ids, and by what stands between them."""
    missing = (Student(id="1", name="Doe, Jane"), Student(id="2", name="Doe, Jane"), Student(id="x@y.org"))
    told = _sum(replace(SUMMARY, missing=missing), Path("results.sqlite"))
    assert "Nothing from Doe, Jane (1); Doe, Jane (2); x@y.org." in told


def test_equal_files_are_judged_once_and_counted_for_each_who_handed_them_in():
    """What was judged is not how many passed; and no level of isolation is named where there was none."""
    passed = replace(SUMMARY, handins=6, judged=1, verdicts={"ACCEPTED": 6}, isolation={"full": 6})
    told = _sum(passed, Path("results.sqlite"))
    assert told[0].endswith("from before. 6 submissions: equal files are judged once.")
    assert told[1] == "Verdicts: 6 ACCEPTED."
    assert _sum(SUMMARY, Path("results.sqlite"))[1:3] == [
        "Verdicts: nothing was judged.",
        "Isolation: nothing was judged.",
    ]


def test_a_seed_for_all_is_said_to_be_no_secret():
    """Without one each submission has its own, and there is none to tell."""
    assert "Seed: 17 for all. It is not secret" in " ".join(_sum(replace(SUMMARY, seed=17), Path("x.sqlite")))
    assert "eed" not in "\n".join(_sum(SUMMARY, Path("x.sqlite")))
