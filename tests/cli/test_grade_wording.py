"""What `kata grade` says of counts and names reads right for one and for many."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from grader.batch.events import Event, Judged, Planned, Summary
from grader.batch.intake import Student
from grader.cli.grade import _sum
from grader.cli.progress_bar import Telling
from grader.records import Verdict


def told(*events: Event) -> str:
    stream = io.StringIO()
    with Telling(stream) as telling:
        for event in events:
            telling(event)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("handins", "students", "words"),
    [
        (1, 1, "1 hand-in of 1 student (plain)"),
        (2, 1, "2 hand-ins of 1 student"),
        (0, 0, "0 hand-ins of 0 st"),
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


def test_missing_students_are_told_apart_though_their_names_have_commas(tmp_path):
    """By their ids, and by what stands between them."""
    missing = (Student(id="1", name="Doe, Jane"), Student(id="2", name="Doe, Jane"), Student(id="x@y.org"))
    summary = Summary(
        judged=0, known=0, verdicts={}, isolation={}, problems=0, missing=missing, seed=1, waiting=0
    )
    assert "Nothing from Doe, Jane (1); Doe, Jane (2); x@y.org." in _sum(summary, Path("results.sqlite"))
