"""Policies turn raw scores into marks when they leave the store, and never touch the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fake_judge import POINTS, judgement
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from school import make_kata

from grader.export.exporter import no_mark
from grader.export.formats.gradescope import results as gradescope_results
from grader.grading.keys import Key, error_judgement
from grader.grading.marks import Mark, make_ledger, rounded, unknown_katas
from grader.grading.policy import Late, Policy
from grader.grading.store import Graded, IntakeSnapshot, open_store, read_store
from grader.intake import Handin, Intake, Student
from grader.records import Submission

KATAS = (make_kata(4, "gather_readings"), make_kata(9, "timeouts"))
DUE = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
ALICE = Student(id="alice", email="a@x.org")


class Shelf:
    """A store to fill by the line and to read marks from."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def hand_in(
        self,
        text: str,
        *,
        accepted: bool = True,
        at: datetime | None = DUE,
        late: bool = False,
        student: Student = ALICE,
        slug: str = "gather_readings",
        error: bool = False,
        judged: bool = True,
    ) -> None:
        source = Submission(source=text.encode(), filename=f"{slug}.py")
        handin = Handin(
            student=student,
            slug=slug,
            submission=source,
            source_path=f"{text}/{slug}.py",
            submitted_at=at,
            late=late,
            newness=(at.timestamp() if at and at.tzinfo else 0.0, 0, 0),
        )
        kata = next(kata for kata in KATAS if kata.slug == slug)
        made = judgement(kata, source, accepted=accepted)
        if error:
            made = error_judgement(Key.of(made), 4, "t", "it died")
        with open_store(self.path) as store:
            intake = Intake(format="plain", handins=(handin,), problems=(), missing=(), students=(student,))
            store.take(IntakeSnapshot(intake=intake, origin=f"/{text}"))
            store.note_graded([Graded(slug=slug, suite_digest="d", points=POINTS, named=False)])
            if judged:
                store.put(made)

    def mark(self, policy: Policy) -> Mark:
        """Alice's mark for kata 4."""
        with read_store(self.path) as store:
            return make_ledger(store, KATAS, policy).marks["alice", "gather_readings"]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "store")


def test_without_a_policy_the_last_attempt_counts_at_its_raw_score(shelf):
    """One point of three for the check that passed."""
    shelf.hand_in("good", accepted=True, at=DUE - timedelta(days=1))
    shelf.hand_in("worse", accepted=False, at=DUE)
    mark = shelf.mark(Policy())
    assert (mark.points, mark.raw, mark.max_raw, mark.worth, mark.attempts) == (1, 1, 3, 3, 2)


def test_the_best_attempt_counts_after_its_own_penalty(shelf):
    """A late good one may be worth less than an early middling one; of equals the later counts."""
    shelf.hand_in("early", accepted=False, at=DUE)
    shelf.hand_in("late", accepted=True, at=DUE + timedelta(days=5))
    due = {"default": DUE}
    cheap = Policy(submission="best", due=due, late=Late(percent=10))
    dear = Policy(submission="best", due=due, late=Late(percent=18))
    assert (shelf.mark(cheap).points, shelf.mark(cheap).penalty_percent) == (1.5, 50)
    assert (shelf.mark(dear).points, shelf.mark(dear).penalty_percent) == (1, 0)
    shelf.hand_in("latest", accepted=True, at=DUE + timedelta(days=5, minutes=1))
    assert shelf.mark(Policy(submission="best")).attempt.source_path == "latest/gather_readings.py"


def test_points_scale_the_raw_score_and_the_store_keeps_it(shelf):
    """Another weight, another mark, the same raw score."""
    shelf.hand_in("x", accepted=False)
    assert shelf.mark(Policy(points={"default": 10})).points == 3.33
    mark = shelf.mark(Policy(points={"default": 10, "gather_readings": 30}))
    assert (mark.points, mark.worth, mark.raw) == (10, 30, 1)


@pytest.mark.parametrize(
    ("late_by", "penalty"),
    [
        (timedelta(0), 0),
        (timedelta(minutes=15), 0),
        (timedelta(minutes=15, seconds=1), 10),
        (timedelta(hours=24), 10),
        (timedelta(hours=24, seconds=1), 20),
        (timedelta(days=90), 50),
    ],
)
def test_lateness_costs_by_the_begun_day_after_a_grace_and_up_to_a_cap(shelf, late_by, penalty):
    """Past the grace, it counts from the due time."""
    late = Late(percent=10, grace_minutes=15, at_most_percent=50)
    shelf.hand_in("x", at=DUE + late_by)
    mark = shelf.mark(Policy(due={"default": DUE}, late=late, points={"default": 10}))
    assert (mark.penalty_percent, mark.points) == (penalty, 10 - penalty / 10)
    assert mark.late_by_s == late_by.total_seconds()


def test_an_hourly_penalty_counts_hours(shelf):
    """`per = "hour"`."""
    shelf.hand_in("x", at=DUE + timedelta(hours=2, minutes=1))
    assert shelf.mark(Policy(due={"default": DUE}, late=Late(percent=1, per="hour"))).penalty_percent == 3


@pytest.mark.parametrize(
    ("extension", "penalty"),
    [
        ({"default": 24.0}, 10),
        ({"default": 48}, 0),
        ({"gather_readings": DUE + timedelta(days=2)}, 0),
        ({"gather_readings": DUE + timedelta(days=1), "default": 500}, 10),
        ({"timeouts": 500}, 20),
    ],
)
@pytest.mark.parametrize("name", ["alice", "a@x.org"])
def test_an_extension_moves_the_due_time_of_one_student(shelf, name, extension, penalty):
    """By hours or to a time, for all katas or one, by id or e-mail."""
    shelf.hand_in("x", at=DUE + timedelta(days=2))
    policy = Policy(
        due={"default": DUE}, late=Late(percent=10), extensions={name: extension, "bob": {"default": 999}}
    )
    assert shelf.mark(policy).penalty_percent == penalty


def test_a_flag_counts_only_where_no_time_is_known(shelf):
    """Canvas flags and gives no time; where there is a time, our due date decides."""
    policy = Policy(due={"default": DUE}, late=Late(percent=10, flagged_percent=25))
    shelf.hand_in("x", at=None, late=True)
    assert (shelf.mark(policy).penalty_percent, shelf.mark(policy).late) == (25, True)
    shelf.hand_in("y", at=DUE, late=True)
    assert shelf.mark(policy).penalty_percent == 0


def test_times_without_a_zone_are_in_the_policys(shelf):
    """Both a due date of TOML and a time of Moodle."""
    shelf.hand_in("x", at=datetime(2026, 3, 1, 23, 59))
    naive = {"default": datetime(2026, 3, 1, 23, 59)}
    assert shelf.mark(Policy(due=naive, timezone="Asia/Tokyo", late=Late(percent=10))).penalty_percent == 0
    shelf.hand_in("y", at=datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    assert shelf.mark(Policy(due=naive, timezone="Asia/Tokyo", late=Late(percent=10))).penalty_percent == 10


def test_what_we_could_not_judge_has_no_mark_and_no_zero(shelf):
    """And a best attempt that was judged is taken before it."""
    shelf.hand_in("x", error=True)
    assert shelf.mark(Policy()).points is None
    shelf.hand_in("y", accepted=False, at=DUE - timedelta(days=1))
    assert shelf.mark(Policy(submission="best")).points == 1


def test_what_we_could_not_judge_is_left_out_of_the_total_and_not_of_what_is_possible(shelf):
    """Neither its score nor its mark is a number; what it is worth is the suite's to say."""
    shelf.hand_in("x", error=True)
    shelf.hand_in("z", slug="timeouts")
    alone = shelf.mark(Policy())
    assert (alone.worth, shelf.mark(Policy(points={"default": 10})).worth) == (3, 10)
    shelf.hand_in("y", student=Student(id="bob"), accepted=False)
    mark = shelf.mark(Policy())
    assert (mark.points, mark.raw, mark.max_raw, mark.worth) == (None, None, 3, 3)
    with read_store(shelf.path) as store:
        ledger = make_ledger(store, KATAS, Policy())
    alice = ledger.students[0]
    assert (ledger.total(alice), ledger.worth("gather_readings")) == (3, 3)
    assert ledger.without_mark(alice) == ("gather_readings",)
    assert ledger.without_mark(alice, ["timeouts"]) == ()


def test_what_is_not_judged_yet_is_worth_what_it_will_be(shelf):
    """A run may be stopped, and marks written from what there is: nobody's share may be larger for it."""
    shelf.hand_in("x", judged=False)
    shelf.hand_in("z", slug="timeouts")
    with read_store(shelf.path) as store:
        ledger = make_ledger(store, KATAS, Policy())
    (alice,) = ledger.students
    assert [ledger.worth(kata.slug) for kata in ledger.katas] == [3, 3]
    assert (ledger.waiting, ledger.without_mark(alice)) == (1, ("gather_readings",))
    assert no_mark(ledger, alice) == "alice gets no mark: gather_readings not judged yet"


def test_a_kata_that_a_run_named_counts_though_nobody_handed_it_in(shelf):
    """Else it would be the classmates who decide whether one kata is all of the marks."""
    shelf.hand_in("x")
    named = Graded(slug="timeouts", suite_digest="d", points=5, named=True)
    with open_store(shelf.path) as store:
        store.note_graded([named])
        store.note_graded([replace(named, named=False)])  # a later run of everything takes nothing back
        ledger = make_ledger(store, KATAS, Policy())
        assert unknown_katas(store, KATAS[:1]) == ["timeouts"]
        scaled = make_ledger(store, KATAS, Policy(points={"default": 10}))
    (alice,) = ledger.students
    assert [ledger.worth(kata.slug) for kata in ledger.katas] == [3, 5]
    assert [scaled.worth(kata.slug) for kata in scaled.katas] == [10, 10]
    assert (ledger.total(alice), ledger.waiting) == (3, 0)
    given = gradescope_results(ledger, alice)
    assert (given["score"], sum(test["max_score"] for test in given["tests"])) == (3, 8)
    assert "09_timeouts: there is no submission." in given["output"]


def test_katas_that_are_not_known_here_are_found_out(shelf):
    """Their marks would be missing from a report."""
    shelf.hand_in("x")
    shelf.hand_in("z", slug="timeouts")
    with read_store(shelf.path) as store:
        assert unknown_katas(store, KATAS) == []
        assert unknown_katas(store, KATAS[:1]) == ["timeouts"]


def test_a_ledger_has_the_katas_that_were_handed_in_and_everybody(shelf):
    """Missing is not zero."""
    shelf.hand_in("x")
    shelf.hand_in("z", student=Student(id="bob"), slug="timeouts")
    with read_store(shelf.path) as store:
        ledger = make_ledger(store, KATAS, Policy())
        only = make_ledger(store, KATAS[1:], Policy())
    alice = ledger.students[0]
    assert [(kata.slug, bool(mark)) for kata, mark in ledger.of(alice)] == [
        ("gather_readings", True),
        ("timeouts", False),
    ]
    assert (ledger.total(alice), ledger.worth("timeouts")) == (3, 3)
    assert [kata.slug for kata in only.katas] == ["timeouts"]


@given(st.floats(0, 1e6), st.floats(0, 100))
def test_rounding_is_to_two_places_and_never_negative(points, penalty):
    """Halves go up, as people round."""
    mark = rounded(points * (1 - penalty / 100))
    assert 0 <= mark <= rounded(points)
    assert rounded(0.125) == 0.13
