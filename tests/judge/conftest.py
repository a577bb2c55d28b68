"""One warm judge for all tests of a module: as a batch has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from grader.catalog import load_catalog
from grader.judge import Judge, Options
from grader.records import Judgement, Kata, Limits, Submission

Judging = Callable[..., Judgement]
SHORT = Limits(cpu_s=1.0, wall_s=5.0, memory_mb=512, tasks=5_000, virtual_s=20_000.0)
"""The bound on virtual time is met long before that on CPU, on every machine."""


@pytest.fixture(scope="session")
def kata_4() -> Kata:
    """Kata 4, with limits short enough to run into."""
    kata = load_catalog().find("4")
    return msgspec.structs.replace(kata, limits=SHORT)


@pytest.fixture(scope="module")
def judging(kata_4: Kata) -> Iterator[Judging]:
    """Judge a source, as bytes or text, as an answer to kata 4."""
    with Judge(Options(explain=False)) as judge:

        def run(source: str | bytes, kata: Kata = kata_4) -> Judgement:
            data = source.encode() if isinstance(source, str) else source
            return judge.judge(kata, Submission(source=data, filename="solution.py"))

        yield run


@pytest.fixture(scope="session")
def gather_answer() -> str:
    """The accepted answer that everybody writes first."""
    folder = Path(__file__).parents[2] / "solutions" / "04_gather_readings"
    return (folder / "accepted" / "gather.py").read_text()
