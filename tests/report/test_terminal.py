"""A judgement in words: what held, what did not, on which line, and nothing said twice."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from grader.diagnosis import misconception_named
from grader.export.formats.junit import junit
from grader.records import CheckResult, Isolation, Judgement, Span, Timeline, Verdict
from grader.report.look import Look
from grader.report.terminal import WORDS, excerpt, render

PLAIN = Look(width=80)
SOURCE = "".join(f"line_{number} = {number}\n" for number in range(1, 11))


def check(**says: Any) -> CheckResult:
    known = {
        "id": "test_it",
        "title": "It holds",
        "verdict": Verdict.WRONG_ANSWER,
        "points": 0,
        "max_points": 1,
    }
    return CheckResult(**{**known, **says})


def judgement(*checks: CheckResult) -> Judgement:
    return Judgement(
        number=4,
        slug="gather_readings",
        title="Gather readings",
        seed=3,
        checks=checks,
        isolation=Isolation.NONE,
        elapsed_wall_ms=1,
        python="3.11.7",
        grader="0.1.0",
        suite_digest="d",
        submission_sha256="s",
    )


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_words(verdict):
    """A learner never reads the name of a constant alone."""
    assert WORDS[verdict]
    assert verdict.value not in WORDS[verdict]


@pytest.mark.parametrize("verdict", [Verdict.JUDGE_ERROR, Verdict.STALLED])
def test_what_is_no_verdict_on_the_answer_is_not_called_a_rejection(verdict):
    told = render(judgement(check(verdict=verdict)), SOURCE, PLAIN)
    assert "Not judged" in told
    assert "Not accepted" not in told


def test_the_line_is_shown_with_its_neighbours_and_a_mark():
    assert excerpt(SOURCE, 5, PLAIN).splitlines() == [
        "       3 │ line_3 = 3",
        "       4 │ line_4 = 4",
        "  >    5 │ line_5 = 5",
        "       6 │ line_6 = 6",
        "       7 │ line_7 = 7",
    ]
    assert excerpt(SOURCE, 1, PLAIN).count("\n") == 2
    assert excerpt(SOURCE, 10, PLAIN).count("\n") == 2


@pytest.mark.parametrize("line", [0, -1, 11, 10**9])
def test_a_line_that_the_source_does_not_have_is_not_shown(line):
    """The line comes from the guest, which may say anything."""
    assert excerpt(SOURCE, line, PLAIN) == ""
    assert "It holds" in render(judgement(check(line=line)), SOURCE, PLAIN)


def test_a_line_is_shown_once():
    """The second check that points at it refers back."""
    told = render(judgement(check(line=5), check(id="test_b", title="B", line=5)), SOURCE, PLAIN)
    assert told.count("  >    5 │ line_5 = 5") == 1
    assert "Line 5, shown above." in told


def test_output_is_cut_and_harmless():
    """A flood of output does not push the reason off the screen."""
    told = render(judgement(check(output="\x1b[2Jhello\n" * 500)), SOURCE, PLAIN)
    assert "\x1b" not in told
    assert "… 480 more lines" in told


def test_rationale_title_and_source_are_harmless():
    evil = "\x1b]0;owned\x07\x9b31mred\u202e"
    told = render(judgement(check(title=evil, rationale=evil, line=1)), evil, PLAIN)
    assert not any(sign in told for sign in ("\x1b", "\x9b", "\x07", "\u202e"))


def test_only_the_most_telling_timeline_is_drawn():
    """The first that has a best possible to compare with; the others are for `kata timeline`."""
    drawn = Timeline(spans=(Span(lane="mine", kind="request", start_ns=0, end_ns=5),), makespan_ns=5)
    told = render(
        judgement(check(timeline=drawn), check(id="b", title="B", timeline=drawn, best=drawn)), SOURCE, PLAIN
    )
    assert told.count("yours") == 1
    assert told.index("✗ B\n") < told.index("yours") < told.index("best possible")


def test_the_seed_that_an_exploration_failed_under_is_named():
    assert "Seen under seed 17." in render(judgement(check(seed=17)), SOURCE, PLAIN)


def test_an_accepted_judgement_is_short():
    passed = check(verdict=Verdict.ACCEPTED, points=1, elapsed_virtual_ns=1_500_000_000)
    assert render(judgement(passed), SOURCE, PLAIN).splitlines() == [
        "Kata 4: Gather readings",
        "  ✓ It holds  1.5 s",
        "",
        "✓ Accepted: 1 of 1 points.",
    ]


def test_junit_tells_failures_from_errors_and_survives_any_text():
    """A rejection is a failure, ours is an error; what XML cannot hold is left out."""
    checks = (
        check(id="test_a", rationale="bad \x00 \x1b[1m < & ]]>", output="\ufffe out"),
        check(id="test_b", verdict=Verdict.JUDGE_ERROR),
        check(id="test_c", verdict=Verdict.ACCEPTED, elapsed_virtual_ns=1),
    )
    suite = ElementTree.fromstring(junit([judgement(*checks)])).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    cases = suite.findall("testcase")
    assert [child.tag for case in cases for child in case] == ["failure", "system-out", "error"]
    assert cases[2].get("time") == "0.000000001"


def test_a_misconception_is_named_once_with_its_why_and_where_to_read():
    """One sentence and where to read; an unknown name is nothing."""
    known = misconception_named("async_in_front_only")
    assert known is not None
    both = (check(misconception=known.name), check(id="b", title="B", misconception=known.name))
    told = " ".join(render(judgement(*both), SOURCE, PLAIN).split())
    assert told.count(known.why) == 1
    assert known.section in told
    assert "Misconception" not in render(judgement(check(misconception="made_up")), SOURCE, PLAIN)
