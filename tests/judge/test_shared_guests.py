"""Runs that share a guest: each finds a fresh module on a fresh machine, or gets a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.judge import Judge, Options
from grader.judge.guests import GuestSupply
from grader.records import Judgement, Kata, Submission

SUITE = """
async def test_one(kata): assert await kata.call("f") == 1
async def test_two(kata): assert await kata.call("f") == 1
async def test_three(kata): assert await kata.call("f") == 1
"""
Judging = Callable[[str], tuple[Judgement, int]]


@pytest.fixture
def judging(kata_4: Kata, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Judging]:
    """Judge a source by three checks; also says how many processes that took."""
    supplies: list[GuestSupply] = []
    made = GuestSupply.__init__

    def noting(self: GuestSupply, *args: object, **options: object) -> None:
        supplies.append(self)
        made(self, *args, **options)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(GuestSupply, "__init__", noting)
    (tmp_path / "three.py").write_text(SUITE)
    with Judge(Options(suite=tmp_path / "three.py", explain=False)) as judge:

        def run(source: str) -> tuple[Judgement, int]:
            judgement = judge.judge(kata_4, Submission(source=source.encode(), filename="solution.py"))
            return judgement, supplies[-1].launched

        yield run


COUNTS = """
count = 0
async def f():
    global count
    count += 1
    return count
"""


def test_each_run_has_a_module_of_its_own_in_one_process(judging: Judging) -> None:
    judgement, processes = judging(COUNTS)
    assert judgement.accepted
    assert processes == 1


CHANGES = {
    "a builtin": "import builtins; builtins.count = getattr(builtins, 'count', 0) + 1; return builtins.count",
    "a module": "import asyncio; asyncio.count = getattr(asyncio, 'count', 0) + 1; return asyncio.count",
    "a class": "from asyncio import Queue; Queue.count = getattr(Queue, 'count', 0) + 1; return Queue.count",
    "the environment": "import os; e = os.environ; e['C'] = e.get('C', '') + 'x'; return len(e['C'])",
    "a machine's class": (
        "from grader.sim.machine import Machine; Machine.count = getattr(Machine, 'count', 0) + 1\n"
        "    return Machine.count"
    ),
    "a finder": "import sys; sys.meta_path.append(object()); return len(sys.meta_path) - BEFORE",
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_changed_in_the_process_ends_it(judging: Judging, what: str) -> None:
    source = f"import sys\nBEFORE = len(sys.meta_path)\nasync def f():\n    {CHANGES[what]}\n"
    judgement, processes = judging(source)
    assert judgement.accepted, judgement.checks[1].rationale
    assert processes == 3


PUT_BACK = {
    "chance": "import random; return 1 if random.random() == FIRST else 2",
    "the recursion limit": "l = sys.getrecursionlimit(); sys.setrecursionlimit(l + 1); return l - LIMIT + 1",
    "log handlers": "r = logging.root; r.addHandler(logging.NullHandler()); return len(r.handlers)",
    "warning filters": "warnings.simplefilter('ignore'); return len(warnings.filters) - FILTERS",
    "context": "v = VAR.get(1); VAR.set(2); return v",
}
HEAD = """
import contextvars, logging, random, sys, warnings
random.seed(0)
FIRST = random.Random(0).random()
LIMIT = sys.getrecursionlimit()
FILTERS = len(warnings.filters)
VAR = contextvars.ContextVar("v")
"""


@pytest.mark.parametrize("what", PUT_BACK)
def test_what_can_be_put_back_is_put_back(judging: Judging, what: str) -> None:
    judgement, processes = judging(f"{HEAD}\nasync def f():\n    {PUT_BACK[what]}\n")
    assert judgement.accepted, judgement.checks[1].rationale
    assert processes == 1


def test_a_run_that_leaves_a_task_behind_ends_its_process(judging: Judging) -> None:
    body = "f.t = asyncio.create_task(asyncio.sleep(99)); return 1"
    source = f"import asyncio\nasync def f():\n    {body}\n"
    judgement, processes = judging(source)
    assert not judgement.accepted
    assert processes == 3


def test_a_run_that_blocks_the_loop_for_good_is_not_gone_on_with(judging: Judging) -> None:
    body = "asyncio.get_running_loop().call_soon(time.sleep, 9e9); return 1"
    source = f"import time, asyncio\nasync def f():\n    {body}\n"
    _, processes = judging(source)
    assert processes == 3


REMEMBERS = """
import sys
async def f():
    kept = sys.modules.setdefault("zipapp_of_mine", type(sys)("zipapp_of_mine"))
    kept.runs = getattr(kept, "runs", 0) + 1
    return 1 if kept.runs < 3 else 3
"""


def test_a_submission_that_hides_something_is_seen_by_its_results_only(judging: Judging) -> None:
    """Code that means to can carry something over; it is worthless where every run draws anew."""
    judgement, processes = judging(REMEMBERS)
    assert processes == 1
    assert [check.passed for check in judgement.checks] == [True, True, False]
