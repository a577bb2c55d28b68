"""The simulated machine: what a wait costs, alone, beside idle things, and with many connections."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import msgspec

from grader.judge import Judge, Options
from grader.records import Limits, Submission
from tests.bench.one_kata import KATA, SUITE
from tests.bench.table import Row, at_most

RUNS = 5
ANSWER = """
import asyncio

async def wait_often(count):
    for _ in range(count):
        await asyncio.sleep(0.001)

async def wait_beside_tasks(count, idle):
    tasks = [asyncio.create_task(asyncio.Event().wait()) for _ in range(idle)]
    await asyncio.sleep(0)
    await wait_often(count)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

async def connect(number):
    return await asyncio.open_connection("server", 7000)

async def wait_beside_sockets(count, idle):
    pairs = await asyncio.gather(*map(connect, range(idle)))
    await wait_often(count)
    for _, writer in pairs:
        writer.close()

async def exchange():
    reader, writer = await asyncio.open_connection("server", 7000)
    writer.write(b"?\\n")
    await reader.readline()
    writer.close()

async def exchange_all(count):
    await asyncio.gather(*(exchange() for _ in range(count)))
"""
LIMITS = Limits(cpu_s=60, wall_s=120, messages=2_000_000, memory_mb=4096)


FIGURES: dict[str, list[float]] = {}
"""Real microseconds that the suite measured, by what was measured, one for each run."""


def rows() -> Iterator[Row]:
    kata = msgspec.structs.replace(KATA, limits=LIMITS)
    answer = Submission(source=ANSWER.encode(), filename="answer.py")
    for _ in range(RUNS):
        # A fresh judge each time: a heap that has been large costs more to walk ever after.
        with Judge(Options(suite=SUITE / "machine.py", explain=False)) as judge:
            judgement = judge.judge(kata, answer)
        assert judgement.accepted, [check.rationale for check in judgement.checks]
    us = {name: statistics.median(figures) for name, figures in FIGURES.items()}
    alone = us["wait_beside_tasks 0"]
    yield at_most("a wait's round trip between guest and judge", alone, 150, "us", 0)
    for kind in ("tasks", "sockets"):
        beside, without = us[f"wait_beside_{kind} 10000"], us[f"wait_beside_{kind} 0"]
        yield at_most(f"a wait beside 10,000 idle {kind} / beside none", beside / without, 1.25, "x")
    each = us["exchanges 10000"] / us["exchanges 100"]
    yield at_most("10,000 overlapped connections / 100, cost of each", each, 1.5, "x")
