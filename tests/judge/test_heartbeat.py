"""Every check sees a blocked loop, even one that is held for a nanosecond and takes no time too many."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.judge import Judge, Options
from grader.judge.pulse import Pulse
from grader.records import CheckResult, Kata, Submission, Verdict

ONE_SECOND = """
from grader.testing import assert_equal, assert_took, seconds

async def test_a_second(kata):
    assert_equal(await kata.call("nap"), "rested")
    assert_took(kata, seconds(1))
"""
NAPS = {
    "one call of the right length": ("time.sleep(1)", Verdict.BLOCKED_LOOP),
    "a nanosecond of it": ("time.sleep(1e-9); await asyncio.sleep(1 - 1e-9)", Verdict.BLOCKED_LOOP),
    "the last nanosecond": ("await asyncio.sleep(1 - 1e-9); time.sleep(1e-9)", Verdict.BLOCKED_LOOP),
    "a thread that is waited for": (
        "thread = threading.Thread(target=time.sleep, args=(1,)); thread.start(); thread.join()",
        Verdict.BLOCKED_LOOP,
    ),
    "a call that takes no time": ("time.sleep(0); await asyncio.sleep(1)", Verdict.ACCEPTED),
    "a thread beside the loop": ("await asyncio.to_thread(time.sleep, 1)", Verdict.ACCEPTED),
    "nothing": ("await asyncio.sleep(1)", Verdict.ACCEPTED),
}
HELD_BY_THE_SUITE = """
import asyncio
from grader.testing import assert_equal, blocking

async def test_held(kata):
    @blocking
    async def ask():
        await asyncio.sleep(1)

    assert_equal(await kata.call("answer", ask), "asked")
"""


def judged(kata: Kata, folder: Path, suite: str, source: str) -> CheckResult:
    (folder / "suite.py").write_text(suite)
    with Judge(Options(suite=folder / "suite.py", explain=False)) as judge:
        (check,) = judge.judge(kata, Submission(source=source.encode(), filename="solution.py")).checks
    return check


@pytest.mark.parametrize(("nap", "verdict"), NAPS.values(), ids=NAPS)
def test_a_check_that_asks_for_no_heartbeat_has_one(
    nap: str, verdict: Verdict, kata_4: Kata, tmp_path: Path
) -> None:
    source = f"import asyncio, threading, time\nasync def nap():\n    {nap}\n    return 'rested'\n"
    check = judged(kata_4, tmp_path, ONE_SECOND, source)
    assert check.verdict is verdict, check.rationale


@pytest.mark.parametrize(
    ("before", "verdict"), [("", Verdict.ACCEPTED), ("time.sleep(1e-6)", Verdict.BLOCKED_LOOP)]
)
def test_what_the_suite_itself_holds_up_is_excused(
    before: str, verdict: Verdict, kata_4: Kata, tmp_path: Path
) -> None:
    source = f"import time\nasync def answer(ask):\n    {before}\n    ask()\n    return 'asked'\n"
    check = judged(kata_4, tmp_path, HELD_BY_THE_SUITE, source)
    assert check.verdict is verdict, check.rationale


def test_only_an_answer_to_the_last_question_counts() -> None:
    pulse = Pulse()
    first = pulse.ask(0)
    last = pulse.ask(5)
    pulse.answered(first, 6)
    pulse.answered(last + 1, 7)
    assert pulse.longest_ns(8) == 8
    pulse.answered(last, 9)
    assert pulse.longest_ns(1000) == 9
