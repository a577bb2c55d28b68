"""The simulated machine: what a wait costs, alone, beside idle things, and with many connections."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from grader.judge import Judge, Options
from grader.records import Limits, Submission
from tests.bench.one_kata import KATA, SUITE
from tests.bench.table import Row, at_most, median_of

WAITS = 2_000
ANSWER = '''
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
    await asyncio.wait(tasks)

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
'''
LIMITS = Limits(cpu_s=60, wall_s=120, messages=2_000_000, memory_mb=4096)


def _took_s(suite: str, runs: int = 5) -> float:
    kata = msgspec.structs.replace(KATA, limits=LIMITS)
    answer = Submission(source=ANSWER.encode(), filename="answer.py")
    with Judge(Options(suite=SUITE / suite, trace=False)) as judge:

        def once() -> None:
            judgement = judge.judge(kata, answer)
            assert judgement.accepted, [check.rationale for check in judgement.checks]

        return median_of(once, runs)


def rows() -> Iterator[Row]:
    """Each figure is the difference between two suites, so that start and end cancel out."""
    nothing = _took_s("no_waits.py")
    alone = _took_s("waits.py") - nothing
    yield at_most("a wait's round trip between guest and judge", alone / WAITS * 1e6, 150, "us", 0)
    for kind in ("tasks", "sockets"):
        beside = _took_s(f"waits_beside_{kind}.py", 3) - _took_s(f"only_{kind}.py", 3)
        yield at_most(f"a wait beside 10,000 idle {kind} / a wait alone", beside / alone, 1.25, "x")
    few, many = (_took_s(f"connections_{count}.py", 3) - nothing for count in (100, 10_000))
    yield at_most(
        "10,000 overlapped connections / 100, cost of each", (many / 10_000) / (few / 100), 1.5, "x"
    )
