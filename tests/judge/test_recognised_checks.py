"""An answer that is right but in one check is rejected, even if it knows which check it is in.

It is told: it is put to that check alone. What it does there is done to an accepted answer.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from grader.catalog import answers, load_catalog
from grader.judge import Judge, Options
from grader.records import Kata, Submission, Verdict

KATAS = load_catalog().katas

HOLDS_THE_LOOP = """
def changed(function, name):
    import asyncio, time

    async def call(*args, **options):
        # For a microsecond only, and in a turn of its own: no step of the work takes longer for it.
        asyncio.get_running_loop().call_soon(time.sleep, 1e-6)
        return await function(*args, **options)

    return call
"""
BLOCKS_FIRST = """
def changed(function, name):
    import time

    async def call(*args, **options):
        time.sleep(0.05)
        return await function(*args, **options)

    return call
"""
GIVES_SOMETHING_ELSE = """
def changed(function, name):
    import asyncio

    def other(value):
        if isinstance(value, list):
            return value[:-1] or [None]
        if isinstance(value, dict):
            return dict(list(value.items())[:-1]) or {"": None}
        if isinstance(value, tuple):
            return tuple(map(other, value))
        return value + 1 if isinstance(value, int) else f"{value}."

    async def call(*args, **options):
        if name == "main":
            print("more")
        try:
            return other(await function(*args, **options))
        except asyncio.CancelledError:
            return None
        except Exception:
            raise RuntimeError("something else") from None

    return call
"""
DOES_NOTHING = """
def changed(function, name):
    async def call(*args, **options):
        return []

    return call
"""
CHANGES = {
    "holds the loop": HOLDS_THE_LOOP,
    "blocks first": BLOCKS_FIRST,
    "does nothing": DOES_NOTHING,
    "gives something else": GIVES_SOMETHING_ELSE,
}


def checks_of(kata: Kata) -> list[str]:
    """The names of a suite's checks, in order."""
    tree = ast.parse(kata.suite.read_text())
    functions = [node for node in tree.body if isinstance(node, ast.AsyncFunctionDef)]
    return [function.name for function in functions if function.name.startswith("test_")]


def changing(kata: Kata, change: str) -> Submission:
    """An accepted answer of which every entry point is changed so."""
    source = answers(kata, "accepted")[0].read_text() + change
    for name in kata.entry_points:
        target = "Ticker.run" if name == "Ticker" else name
        if target[0].islower() or "." in target:  # the others are exceptions
            source += f"{target} = changed({target}, {name!r})\n"
    return Submission(source=source.encode(), filename="solution.py")


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(Options(explain=False)) as made:
        yield made


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("kata", KATAS, ids=[kata.name for kata in KATAS])
def test_no_check_accepts_it(kata: Kata, change: str, judge: Judge) -> None:
    submission = changing(kata, CHANGES[change])
    for check in checks_of(kata):
        (result,) = judge.judge(kata, submission, checks=(check,)).checks
        assert result.verdict not in (Verdict.ACCEPTED, Verdict.JUDGE_ERROR), check


@pytest.mark.parametrize("kata", KATAS, ids=[kata.name for kata in KATAS])
def test_the_answer_is_accepted_when_it_is_not_changed(kata: Kata, judge: Judge) -> None:
    unchanged = "\ndef changed(function, name): return function\n"
    assert judge.judge(kata, changing(kata, unchanged)).accepted
