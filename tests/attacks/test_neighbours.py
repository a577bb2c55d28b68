"""A class is judged beside a submission that takes what all could share: nobody else's mark changes."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from grader.engine.jobs import Job, Setup
from grader.engine.local import LocalPool
from grader.records import Judgement, Verdict
from tests.attacks.scene import HONEST

HOG = b"""
import ctypes

libc = ctypes.CDLL(None)
forever = ctypes.cast(libc.sem_wait, ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p))
semaphore = ctypes.create_string_buffer(64)
one = ctypes.c_ulong()
made = sum(libc.pthread_create(ctypes.byref(one), None, forever, semaphore) == 0 for _ in range(500))
kept = [sum(range(10**7)) for _ in range(3)]

async def read_all(names):
    raise RuntimeError(f"kept {made} threads")
"""
WITH_A_THREAD = (
    HONEST.source
    + b"""
read_them = read_all

async def read_all(names):
    await asyncio.to_thread(len, names)
    return await read_them(names)
"""
)


SUITE = """
import os, signal

async def test_a_number_comes_back(kata):
    answer = await kata.call("read_all", [])
    if answer == "crash":
        signal.raise_signal(signal.SIGSEGV)
    if answer == "eat":
        bytearray(1 << 50)
    if answer == "hang":
        sum(range(10**12))  # one long call, in which no signal is looked at
    assert answer == "well"
"""


def says(answer: str) -> bytes:
    return f"async def read_all(names):\n    return {answer!r}\n".encode()


def job(source: bytes) -> Job:
    return Job(
        slug="gather_readings",
        sha256=hashlib.sha256(source).hexdigest(),
        source=source,
        filename="solution.py",
        deadline_s=600,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the sandbox holds no threads")
def test_marks_beside_a_submission_that_keeps_threads_are_what_they_are_without_it() -> None:
    """All guests of a root judge once had one user id, and so one account of threads."""
    neighbours = [WITH_A_THREAD + b"# %d\n" % number for number in range(8)]
    pool = LocalPool(Setup(seed=0, isolation="full", explain=False), 2)
    results = {
        result.submission_sha256: result
        for result in pool.run(job(source) for source in [HOG, *neighbours])
        if isinstance(result, Judgement)
    }
    judged = [results[job(source).sha256] for source in neighbours]
    assert [judgement.verdict for judgement in judged] == ["ACCEPTED"] * len(neighbours)
    assert {judgement.points for judgement in judged} == {judged[0].max_points}
    assert not results[job(HOG).sha256].accepted


@pytest.mark.real_clock
@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
@pytest.mark.parametrize("workers", [1, 2])
def test_what_hangs_crashes_or_fills_the_judge_is_a_limit_and_costs_nobody_else(
    tmp_path: Path, workers: int
) -> None:
    """A suite with holes stands for those in ours that nobody has found yet."""
    suite = tmp_path / "suite.py"
    suite.write_text(SUITE)
    setup = Setup(isolation="full", suite=str(suite), explain=False, patience_s=3.0, memory_mb=1024)
    well = [says("well") + b"# %d\n" % number for number in range(6)]
    sources = [*well[:2], says("hang"), says("crash"), says("eat"), says("ill"), *well[2:]]
    found = {}
    for result in LocalPool(setup, workers).run(job(source) for source in sources):
        if isinstance(result, Judgement):
            found[result.submission_sha256] = result.verdict
        else:
            found[result.job.sha256] = result.counts_as
    verdicts = [found[job(source).sha256] for source in sources]
    limits = [Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT, Verdict.MEMORY_LIMIT]
    accepted = Verdict.ACCEPTED
    assert verdicts == [accepted] * 2 + limits + [Verdict.WRONG_ANSWER] + [accepted] * 4
