"""Misconceptions about errors: who hears of a failure, and what happens to the others."""

from __future__ import annotations

import ast

from grader.diagnosis.entry import LEFT, WRONG, Scene, misconception
from grader.diagnosis.idioms import is_true, keyword
from grader.diagnosis.names import inside, last_name
from grader.records import Verdict


@misconception(
    title="one failure hides the others",
    why="gather raises the first failure at once: the other results are lost while their tasks run on.",
    hint_step=2,
    section="Coroutines and Tasks: Running Tasks Concurrently",
    verdicts=LEFT | {Verdict.RUNTIME_ERROR},
    example="""
        import asyncio

        async def read_all(names, read):
            return await asyncio.gather(*(read(name) for name in names))
    """,
    instead="""
        import asyncio

        async def read_all(names, read):
            results = await asyncio.gather(*(read(name) for name in names), return_exceptions=True)
            return [None if isinstance(result, Exception) else result for result in results]
    """,
)
def gather_without_return_exceptions(scene: Scene) -> int | None:
    """Said only where a failure shows: it came out of the call, or it left others running behind it."""
    came_out = scene.verdict is Verdict.RUNTIME_ERROR and scene.peak > 1
    if not came_out and not scene.history.pending:
        return None
    heard = any(_hears_failures(handler) for handler in scene.code.each(ast.ExceptHandler))
    if scene.verdict is not Verdict.LEAKED and (heard or scene.code.mentions("cancel")):
        return None
    for call in scene.code.calls("asyncio.gather"):
        many = len(call.args) > 1 or any(isinstance(each, ast.Starred) for each in call.args)
        if many and not is_true(keyword(call, "return_exceptions")):
            return call.lineno
    return None


def _hears_failures(handler: ast.ExceptHandler) -> bool:
    """Whether an `except` is there for failures, and not for cancellation alone."""
    return handler.type is None or last_name(handler.type) != "CancelledError"


@misconception(
    title="failures returned and never looked at",
    why=(
        "With return_exceptions=True a failure comes back as one of the results: nothing raises it "
        "unless you look."
    ),
    hint_step=3,
    section="Coroutines and Tasks: Running Tasks Concurrently",
    verdicts=WRONG,
    example="""
        import asyncio

        async def save_all(items, save):
            results = await asyncio.gather(*(save(item) for item in items), return_exceptions=True)
            return len(results)
    """,
    instead="""
        import asyncio

        async def save_all(items, save):
            results = await asyncio.gather(*(save(item) for item in items), return_exceptions=True)
            for result in results:
                if isinstance(result, Exception):
                    raise result
            return len(results)
    """,
)
def return_exceptions_hides_failure(scene: Scene) -> int | None:
    if scene.code.mentions("isinstance", "type", "cancel", "exception") or scene.code.each(ast.MatchClass):
        return None
    calls = scene.code.calls("asyncio.gather")
    return next((call.lineno for call in calls if is_true(keyword(call, "return_exceptions"))), None)


_BROAD = ("Exception", "BaseException")


@misconception(
    title="every error tried again",
    why="Trying again helps against what passes; an error in the request fails the same way each time.",
    hint_step=2,
    section="Coroutines and Tasks: Task Cancellation",
    verdicts=WRONG,
    example="""
        import asyncio

        async def fetch_patiently(url, fetch):
            for attempt in range(5):
                try:
                    return await fetch(url)
                except Exception:
                    await asyncio.sleep(2**attempt)
            raise TimeoutError(url)
    """,
    instead="""
        import asyncio

        async def fetch_patiently(url, fetch):
            for attempt in range(5):
                try:
                    return await fetch(url)
                except ConnectionError:
                    await asyncio.sleep(2**attempt)
            raise TimeoutError(url)
    """,
)
def every_error_retried(scene: Scene) -> int | None:
    for tried in scene.code.each(ast.Try):
        if scene.code.loop_of(tried) is None or not _is_attempt(tried):
            continue
        for handler in tried.handlers:
            is_broad = handler.type is None or last_name(handler.type) in _BROAD
            if is_broad and not any(True for _ in inside(handler.body, ast.Raise, ast.If, ast.Return)):
                return handler.lineno
    return None


def _is_attempt(tried: ast.Try) -> bool:
    """Whether a `try` in a loop awaits something and leaves the loop when that succeeds."""
    leaves = any(True for _ in inside([*tried.body, *tried.orelse], ast.Return, ast.Break))
    return leaves and any(True for _ in inside(tried.body, ast.Await))
