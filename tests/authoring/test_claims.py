"""A rejected answer says in its first line why it is wrong; the line is read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from grader.authoring.claims import Claim, read_claim
from grader.errors import BadKata
from grader.records import CheckResult, Isolation, Judgement, Verdict


def written(folder: Path, line: str) -> Path:
    file = folder / "wrong.py"
    file.write_text(line, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("line", "claim"),
    [
        (
            '"""Rejected by test_requests_overlap: NOT_CONCURRENT (awaited_in_a_loop). Words.\n\nMore."""',
            Claim(
                check="test_requests_overlap",
                verdict=Verdict.NOT_CONCURRENT,
                misconception="awaited_in_a_loop",
            ),
        ),
        ('"""Rejected by test_x: DEADLOCK. It waits."""\n', Claim(check="test_x", verdict=Verdict.DEADLOCK)),
        ('"""Rejected by test_x: LEAKED."""', Claim(check="test_x", verdict=Verdict.LEAKED)),
        (
            '"""Rejected by test_x: NOT_LOADABLE. Typo.\r\n"""\ndef (',
            Claim(check="test_x", verdict=Verdict.NOT_LOADABLE),
        ),
    ],
)
def test_a_claim_is_read(tmp_path, line, claim):
    """Check, verdict and, where named, misconception; even of a file that Python cannot parse."""
    assert read_claim(written(tmp_path, line)) == claim


@pytest.mark.parametrize(
    "line",
    [
        "",
        "import asyncio\n",
        '"""rejected by test_x: LEAKED. small letter"""',
        '"""Rejected by overlap: LEAKED. no test"""',
        '"""Rejected by test_x: Leaked. not the name"""',
        '"""Rejected by test_x: LEAKED no full stop"""',
        '"""Rejected by test_x: LEAKED (Not A Name). words"""',
        '"""Rejected by test_x: LEAKED ().  words"""',
        '"""Rejected by test_x: LEAKED.  two blanks"""',
        "'''Rejected by test_x: LEAKED. other quotes'''",
        '# a comment first\n"""Rejected by test_x: LEAKED. Late."""',
        '"""Rejected by test_x: ACCEPTED. That is no rejection."""',
        '"""Rejected by test_x: NO_SUCH_VERDICT. Words."""',
    ],
)
def test_anything_else_is_named_with_its_file(tmp_path, line):
    with pytest.raises(BadKata, match=r"wrong\.py"):
        read_claim(written(tmp_path, line))


def judged(**says: Any) -> Judgement:
    known = {"id": "test_x", "title": "X", "verdict": Verdict.LEAKED, "points": 0, "max_points": 1}
    return Judgement(
        number=4,
        slug="gather_readings",
        title="T",
        seed=0,
        checks=(CheckResult(**{**known, **says}),),
        isolation=Isolation.NONE,
        elapsed_wall_ms=1,
        python="3.11.7",
        grader="0.1.0",
        suite_digest="d",
        submission_sha256="s",
    )


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        ({}, None),
        ({"misconception": "task_dropped"}, None),
        ({"id": "test_y"}, "no check of the suite"),
        ({"verdict": Verdict.ACCEPTED}, "says ACCEPTED and not LEAKED"),
        (
            {"verdict": Verdict.DEADLOCK, "rationale": "It hangs.\nMore."},
            "says DEADLOCK (It hangs.) and not LEAKED",
        ),
    ],
)
def test_a_claim_is_held_against_the_judgement(says, problem):
    """The named check must give the named verdict; other checks may say what they like."""
    found = Claim(check="test_x", verdict=Verdict.LEAKED).problems(judged(**says))
    assert found == [] if problem is None else problem in found[0]


def test_a_named_misconception_must_be_seen():
    claim = Claim(check="test_x", verdict=Verdict.LEAKED, misconception="task_dropped")
    assert claim.problems(judged(misconception="task_dropped")) == []
    assert "sees no misconception and not task_dropped" in claim.problems(judged())[0]
