"""A run judges what is new and nothing else, tells of it, and can be stopped anywhere."""

from __future__ import annotations

import msgspec
import pytest

import grader.grading.run as grade_module
from grader.engine.jobs import Setup
from grader.engine.local import Failed
from grader.errors import BadInput, IsolationRefused, NoSuchKata
from grader.grading.events import Event, Judged, Planned
from grader.grading.run import grade
from grader.grading.store import read_store
from grader.guest.sandbox import Reached
from grader.records import Isolation, Verdict


def test_a_class_is_judged_and_every_judgement_told_once_it_is_stored(school_class):
    """Totals first, then one event each, then the sum."""
    seen = []

    def check(event: Event) -> None:
        if isinstance(event, Judged):
            with read_store(school_class.store) as store:
                places = {(item.student_id, item.slug): item.sha256 for item in store.attempts()}
                seen.append(store.current_judgement(event.slug, places[event.students[0], event.slug]))

    summary = grade(school_class.request, check)
    assert all(seen), "told only after it was on the disk"
    assert len(seen) == 3
    assert (summary.judged, summary.known) == (3, 0)
    assert summary.verdicts == {"ACCEPTED": 1, "NOT_CONCURRENT": 2}
    assert summary.isolation == {"full": 3}


def test_an_unchanged_class_is_not_judged_again(school_class):
    """No process is started for it."""
    first = school_class.grade()
    second = school_class.grade()
    assert school_class.judged() == []
    assert (second.judged, second.known, second.verdicts) == (0, 3, first.verdicts)


def test_only_what_changed_is_judged(school_class, school_katas):
    """A submission, a suite: each costs its own."""
    school_class.grade()
    school_class.hand_in(bob_04="# accept\n# better")
    school_class.grade()
    assert school_class.judged() == [("gather_readings", ("bob",))]
    suite = school_katas.parent / "suites" / "test_09_timeouts.py"
    suite.write_text("# another suite\n")
    school_class.grade()
    assert school_class.judged() == [("timeouts", ("alice",))]


def test_the_same_bytes_from_several_students_are_judged_once(school_class):
    """Stubs above all: each kata has one, and many hand it in."""
    school_class.hand_in(bob_09="# reject", carol_09="# reject")
    school_class.grade()
    assert ("timeouts", ("alice", "bob", "carol")) in school_class.judged()


def test_only_failed_again_and_kata_narrow_or_widen_what_is_judged(school_class):
    """One student, one kata, the failed ones, everything."""
    school_class.grade(katas=("4",), only=("A*",))
    assert school_class.judged() == [("gather_readings", ("alice",))]
    school_class.grade()
    assert len(school_class.judged()) == 2
    school_class.grade(failed=True)
    assert school_class.judged() == [("gather_readings", ("bob",)), ("timeouts", ("alice",))]
    school_class.grade(again=True, only=("bob",))
    assert school_class.judged() == [("gather_readings", ("bob",))]
    with pytest.raises(BadInput, match="matches --only zoe"):
        school_class.grade(only=("zoe",))
    with pytest.raises(NoSuchKata):
        school_class.grade(katas=("77",))


def test_a_submission_that_kills_its_judge_costs_itself_and_is_tried_by_the_next_run(school_class):
    """It is an error of ours: told, stored as such, and not known as judged."""
    school_class.hand_in(mallory_04="# die")
    summary = school_class.grade()
    assert summary.errors == 1
    assert summary.verdicts["ACCEPTED"] == 1
    assert "could not be judged: the judging process died: ended with code 7" in school_class.problems()
    school_class.grade()
    assert school_class.judged() == [("gather_readings", ("mallory",))]


def test_a_judge_killed_over_a_submission_is_that_submissions_limit(school_class):
    """It is judged: no points of the kata's, a verdict that stands, and no error of ours."""
    school_class.hand_in(mallory_04="# kill", carol_04="# accept")
    summary = school_class.grade()
    assert summary.errors == 0
    assert summary.verdicts == {"ACCEPTED": 2, "NOT_CONCURRENT": 2, "MEMORY_LIMIT": 1}
    assert school_class.problems() == []
    assert school_class.table()["mallory"] == [0, "-"]
    ((mark, *_),) = [
        [mark for _, mark in ledger.of(student) if mark is not None]
        for ledger in [school_class.ledger()]
        for student in ledger.students
        if student.id == "mallory"
    ]
    (check,) = mark.judgement.checks
    assert (check.points, check.max_points) == (0, 3)
    assert "took" not in check.rationale
    assert "the second time alone" in check.rationale
    assert school_class.grade().judged == 0, "it is known"


def test_a_seed_of_ones_own_makes_judgements_of_its_own(school_class):
    """And the class's secret is still there for the next run."""
    assert school_class.grade().seed is None
    given = school_class.grade(seed=77)
    assert (given.judged, given.seed) == (3, 77)
    assert school_class.grade().known == 3


def test_an_interrupted_run_goes_on_where_it_stopped(school_class):
    """Ctrl-C between two judgements: what was told is kept, all processes have ended."""

    def interrupt(event: Event) -> None:
        if isinstance(event, Judged):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade(school_class.request, interrupt)
    summary = school_class.grade()
    assert (summary.judged, summary.known) == (2, 1)


def test_what_was_told_at_less_than_full_isolation_is_not_trusted_later(school_class, monkeypatch):
    """A judgement that could have been forged is made again once full isolation is asked for."""
    monkeypatch.setenv("FAKE_JUDGE_ISOLATION", "partial")
    assert school_class.grade().isolation == {"partial": 3}
    monkeypatch.setattr(grade_module, "probe", lambda: Reached(isolation=Isolation.FULL))
    assert school_class.grade(isolation="full").isolation == {"partial": 3}
    assert "was judged at less than full isolation: the fake has none" in school_class.problems()
    monkeypatch.delenv("FAKE_JUDGE_ISOLATION")
    assert school_class.grade(isolation="full").isolation == {"full": 3}
    assert school_class.grade(isolation="full").known == 3


def test_a_guest_that_ended_before_it_was_heard_of_is_not_judged_for_ever(school_class, monkeypatch):
    """It has no level of isolation to tell, and no points that could have been forged."""
    monkeypatch.setattr(grade_module, "probe", lambda: Reached(isolation=Isolation.FULL))
    monkeypatch.setenv("FAKE_JUDGE_ISOLATION", "none")
    monkeypatch.setenv("FAKE_JUDGE_POINTS", "none")
    school_class.grade(isolation="full")
    assert not school_class.problems()
    assert school_class.grade(isolation="full").known == 3


def test_a_machine_that_cannot_isolate_is_refused_before_anything_is_done(school_class, monkeypatch):
    """What is missing is said; nothing is written."""
    reached = Reached(isolation=Isolation.PARTIAL, missing=("Landlock is switched off",))
    monkeypatch.setattr(grade_module, "probe", lambda: reached)
    with pytest.raises(IsolationRefused, match="Landlock is switched off"):
        school_class.grade(isolation="full")
    assert not school_class.store.exists()


def test_a_judgement_of_something_else_than_asked_is_not_stored_as_if_it_were(school_class):
    """An engine with another suite or grader is found out by every single result."""

    class Elsewhere:
        name = "elsewhere"

        def __init__(self, setup: Setup, todos: object) -> None:
            pass

        def run(self, jobs):
            from fake_judge import judgement
            from school import make_kata

            from grader.records import Submission

            for job in jobs:
                source = Submission(source=job.source, filename=job.filename)
                yield msgspec.structs.replace(
                    judgement(make_kata(4, job.slug), source, accepted=True), grader="0.0.0"
                )

    summary = grade(school_class.request, school_class.events.append, Elsewhere)
    assert summary.errors == 3
    assert "judged by another suite, grader, Python or seed" in school_class.problems()[0]


def test_an_engine_that_gives_up_a_job_says_why(school_class):
    """`Failed` becomes a stored JUDGE_ERROR with its words."""

    class GivesUp:
        name = "gives up"

        def __init__(self, setup: Setup, todos: object) -> None:
            pass

        def run(self, jobs):
            for job in jobs:
                yield Failed(job=job, why="the machine is gone")

    grade(school_class.request, school_class.events.append, GivesUp)
    with read_store(school_class.store) as store:
        attempt = store.attempts()[0]
        stored = store.current_judgement(attempt.slug, attempt.sha256)
    assert (stored.verdict, stored.checks[0].rationale) == (Verdict.JUDGE_ERROR, "the machine is gone")


def test_what_cannot_be_placed_is_told_and_kept_for_the_report(school_class, tmp_path):
    """With the students of the roster who handed in nothing."""
    (school_class.root / "bob" / "notes.py").write_text("x = 1")
    roster = tmp_path / "roster.csv"
    roster.write_text("id,name\nalice,Alice\nbob,Bob\ncarol,Carol\n")
    summary = school_class.grade(roster=roster)
    assert [student.id for student in summary.missing] == ["carol"]
    assert school_class.problems() == ["neither its name nor what it defines says which kata it is"]
    with read_store(school_class.store) as store:
        assert [problem.path for problem in store.problems()] == ["bob/notes.py"]
    (planned,) = [event for event in school_class.events if isinstance(event, Planned)]
    assert (planned.students, planned.handins, planned.to_judge) == (2, 3, 3)
