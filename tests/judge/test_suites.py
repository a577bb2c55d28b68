"""Instructors' own suites: read where they lie, whatever they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.judge import Judge, Options
from grader.records import Kata, Submission

NOTHING = Submission(source=b"x = 1\n", filename="solution.py")


def test_two_suites_of_one_name_are_two_suites(kata_4: Kata, tmp_path: Path) -> None:
    """Open at the same time, in one process."""
    for name in ("monday", "friday"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "suite.py").write_text(f"async def test_{name}(kata):\n    pass\n")
    with (
        Judge(Options(suite=tmp_path / "monday" / "suite.py")) as first,
        Judge(Options(suite=tmp_path / "friday" / "suite.py")) as second,
    ):
        seen = [one.judge(kata_4, NOTHING).checks[0].id for one in (first, second, first)]
    assert seen == ["test_monday", "test_friday", "test_monday"]


SAIL = """
import asyncio
from grader.testing import assert_equal, assert_took

async def test_called_back(kata):
    seen = []

    async def sail():
        seen.append("begun")
        try:
            await asyncio.sleep(60)
        finally:
            seen.append("back")

    assert_equal(await kata.call("race", sail), "called back", "The end")
    assert_took(kata, 0)
    assert seen == ["begun", "back"]
"""
CALLED_BACK_AT_ONCE = b"""
import asyncio
async def race(sail):
    boat = asyncio.create_task(sail())
    await asyncio.sleep(0)
    boat.cancel()
    try:
        await boat
    except asyncio.CancelledError:
        return "called back"
"""


def test_a_callable_that_is_called_and_cancelled_at_one_instant_begins_and_ends(
    kata_4: Kata, tmp_path: Path
) -> None:
    """As a coroutine of the guest's own would."""
    (tmp_path / "suite.py").write_text(SAIL)
    with Judge(Options(suite=tmp_path / "suite.py")) as judge:
        judgement = judge.judge(kata_4, Submission(source=CALLED_BACK_AT_ONCE, filename="solution.py"))
    assert judgement.accepted, judgement.checks[0].rationale


def test_a_judge_writes_nothing_beside_a_suite(kata_4: Kata, tmp_path: Path) -> None:
    (tmp_path / "suite.py").write_text("import extra\nasync def test_it(kata):\n    assert extra.FINE\n")
    (tmp_path / "extra.py").write_text("FINE = True\n")
    with pytest.MonkeyPatch.context() as patch, Judge(Options(suite=tmp_path / "suite.py")) as judge:
        patch.syspath_prepend(str(tmp_path))
        judgement = judge.judge(kata_4, NOTHING)
    assert judgement.accepted, judgement.checks
    assert sorted(file.name for file in tmp_path.iterdir()) == ["extra.py", "suite.py"]
