"""Instructors' own suites: read where they lie, whatever they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.judge import Judge, Options
from grader.records import Kata, Submission, Verdict

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


STOPPED = """
import asyncio

async def test_stopped(kata):
    async def look(name):
        await asyncio.sleep(1)

    call = kata.call("visit", ["oslo", "quito", "hanoi"], look)
    await asyncio.sleep(0.5)
    call.cancel()
    await asyncio.wait([call])
    assert call.cancelled()
"""
ENDS_WITH_THE_FIRST = b"""
import asyncio
async def visit(names, look):
    gate = asyncio.Semaphore(2)
    async def one(name):
        async with gate:
            await look(name)
    return await asyncio.gather(*map(one, names))
"""
LEAVES_ONE = ENDS_WITH_THE_FIRST.replace(b"await look(name)", b"await asyncio.shield(asyncio.sleep(9))")


def test_what_ends_at_the_instant_of_the_check_is_not_left_running(kata_4: Kata, tmp_path: Path) -> None:
    """A gather that is cancelled ends with the first of its own: with one at the gate, while others still
    wait for the judge to end what they have called."""
    suite = tmp_path / "suite.py"
    suite.write_text(STOPPED)
    with Judge(Options(suite=suite)) as judge:
        verdicts = [
            judge.judge(kata_4, Submission(source=source, filename="solution.py")).verdict
            for source in (ENDS_WITH_THE_FIRST, LEAVES_ONE)
        ]
    assert verdicts == [Verdict.ACCEPTED, Verdict.LEAKED]


LEFT_OPEN = """
import asyncio

async def test_left(kata, net):
    await net.serve_lines("oslo", 7000, lambda _: "4", keep_open=True)
    for _ in range(3):
        await kata.call("read_all", ["oslo"])
"""
LEAVES_OPEN = b"""
import asyncio, socket
KEPT = []
async def read_all(names):
    KEPT.append(await asyncio.open_connection(names[0], 7000))
    if len(KEPT) == 3:
        KEPT.append(socket.socket())
"""


def test_what_is_left_is_called_by_its_host_and_told_once(kata_4: Kata, tmp_path: Path) -> None:
    """Nobody has seen its address."""
    suite = tmp_path / "suite.py"
    suite.write_text(LEFT_OPEN)
    with Judge(Options(suite=suite)) as judge:
        (check,) = judge.judge(kata_4, Submission(source=LEAVES_OPEN, filename="solution.py")).checks
    assert check.rationale == (
        "The connection to oslo:7000 was never closed. (3 times)\nThe socket was never closed."
    )


LAST_SEED_LEFT_OUT = """
import pytest
from grader.testing import explore

DRAWN = []

@explore(seeds=3)
async def test_drawn(kata):
    DRAWN.append(1)
    if len(DRAWN) == 3:
        pytest.skip("not to be had here")
"""


def test_a_check_is_told_of_though_its_last_seed_is_left_out(kata_4: Kata, tmp_path: Path) -> None:
    """Once, as the seeds before found it."""
    (tmp_path / "suite.py").write_text(LAST_SEED_LEFT_OUT)
    told: list[str] = []
    with Judge(Options(suite=tmp_path / "suite.py")) as judge:
        judgement = judge.judge(kata_4, NOTHING, lambda check: told.append(check.id))
    assert [check.verdict for check in judgement.checks] == [Verdict.ACCEPTED]
    assert told == ["test_drawn"]
