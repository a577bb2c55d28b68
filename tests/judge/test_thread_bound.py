"""Blocking code in threads passes no kata, whatever it tells its simulated machine of their number."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

from grader.catalog import load_catalog
from grader.judge import Judge, Options
from grader.judge.threads import SPARE_THREADS, has_too_many
from grader.records import Kata, Submission, Verdict
from grader.sim import world
from grader.sim.shims import asyncio_loop

if sys.platform != "linux":
    pytest.skip("only Linux tells how many threads another process has", allow_module_level=True)

SOLUTIONS = Path(__file__).parents[2] / "solutions"
RAISED = f"""
import importlib

world, loop = map(importlib.import_module, ({world.__name__!r}, {asyncio_loop.__name__!r}))
world.current().kernel.max_threads = loop.DEFAULT_WORKERS = 10_000
"""
HELD_BACK = (Verdict.SANDBOX_VIOLATION, Verdict.RUNTIME_ERROR)
"""By the judge's count, or where the kernel's own bound is lower by that."""
ARTICLES = """
import asyncio


def polish_blocking(text, is_clean, correct, do):
    while not do(is_clean(text)):
        text = do(correct(text))
    return text


def publish_blocking(text, is_clean, correct, store, announce, do):
    number = do(store(polish_blocking(text, is_clean, correct, do)))
    do(announce(number))
    return number


def doing():
    loop = asyncio.get_running_loop()
    return lambda step: asyncio.run_coroutine_threadsafe(step, loop).result()


async def polish(text, is_clean, correct):
    return await asyncio.to_thread(polish_blocking, text, is_clean, correct, doing())


async def publish(text, is_clean, correct, store, announce):
    return await asyncio.to_thread(publish_blocking, text, is_clean, correct, store, announce, doing())
"""


def threaded(number: int) -> str:
    """An answer that blocks in a thread for each of what it is given."""
    if number == 2:
        (answer,) = (SOLUTIONS / "02_await_each_step" / "accepted").glob("await_each.py")
        rest = answer.read_text().partition("async def has_no_typos")
        return ARTICLES + rest[1] + rest[2]
    name = {1: "01_*/rejected/a_thread_per_kettle.py", 3: "03_*/rejected/a_thread_per_poem.py"}
    (path,) = SOLUTIONS.glob(name.get(number, "04_*/rejected/a_thread_per_station.py"))
    return path.read_text()


def verdict(kata: Kata, level: str) -> Verdict:
    source = threaded(kata.number)
    future = source.partition("import asyncio")
    with Judge(Options(explain=False, isolation=level)) as judge:
        text = f"{future[0]}{RAISED}{future[1]}{future[2]}"
        return judge.judge(kata, Submission(source=text.encode(), filename="solution.py")).verdict


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("level", ["full", "none"])
def test_a_submission_that_raises_its_bound_of_threads_is_rejected(number: int, level: str) -> None:
    assert verdict(load_catalog().find(str(number)), level) in HELD_BACK


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_without_the_judges_count_its_threads_would_do(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the test above can fail."""
    monkeypatch.setattr("grader.judge.guest.has_too_many", lambda pid, allowed: False)
    assert verdict(load_catalog().find(str(number)), "none") is Verdict.ACCEPTED


def test_as_many_threads_as_the_limit_allows_are_not_too_many() -> None:
    kata = load_catalog().find("4")
    limits = msgspec.structs.replace(kata.limits, threads=12)
    suite = Path(__file__).parents[1] / "attacks" / "one_check.py"
    kata = msgspec.structs.replace(kata, limits=limits, suite=suite)
    honest = (SOLUTIONS / "04_gather_readings" / "accepted" / "gather.py").read_text()
    busy = "import threading, time\nfor _ in range({}):\n"
    busy += "    threading.Thread(target=time.sleep, args=(0.5,)).start()\n"
    with Judge(Options(explain=False)) as judge:
        for count, expected in ((12, Verdict.ACCEPTED), (13, Verdict.NOT_LOADABLE)):
            source = (busy.format(count) + honest).encode()
            found = judge.judge(kata, Submission(source=source, filename="solution.py"))
            assert found.verdict is expected, found.checks[0].rationale


def test_threads_are_counted_where_there_is_a_proc_only() -> None:
    assert has_too_many(1, -SPARE_THREADS - 1)
    assert not has_too_many(1, 10_000)
    assert not has_too_many(2**22 + 1, 0)
