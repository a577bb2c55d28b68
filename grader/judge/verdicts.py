"""From what a check raised to its verdict: whose fault it is, in words, with the learner's line."""

from __future__ import annotations

import asyncio
import re
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from grader.errors import Deadlock
from grader.judge.exceptions import rebuild, record_of
from grader.judge.failures import failure_of, too_much_to_judge
from grader.judge.guest import GuestSession
from grader.judge.remote import RemoteKata
from grader.records import CheckResult, Exchange, History, Verdict
from grader.sim.kernel import NS
from grader.sim.net.host import Host
from grader.testing import Failure
from grader.trace.concurrency import peak_in_flight
from grader.wire import ExceptionRecord, Load, Loaded, NotTransferable

MAX_OUTPUT = 10_000
MAX_WORDS = 10_000
"""Characters of a rationale: the guest chooses some of its words."""
_MAX_LINE = 1_000_000

HostOf = Callable[[str], Host | None]


@dataclass
class CheckOutcome:
    """What one check raised, in order; nothing when it passed."""

    raised: list[BaseException] = field(default_factory=list)

    def add(self, error: BaseException) -> None:
        self.raised.append(error)

    def is_left_out(self) -> bool:
        """Whether the check found that it cannot be made here, as some on the real clock."""
        return isinstance(self.first(), pytest.skip.Exception)

    def first(self) -> BaseException | None:
        return self.raised[0] if self.raised else None


# -- before and after the body ---------------------------------------------------------------------
async def loaded(kata: RemoteKata, load: Load) -> None:
    """Have the guest load the submission. Raises Failure (NOT_LOADABLE) when that fails."""
    reply: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    kata.guest.expect("load", 0, reply)
    kata.guest.post(load)
    try:
        found = await reply
    except Failure as failure:
        if failure.verdict is Verdict.RUNTIME_ERROR:
            failure.verdict = Verdict.NOT_LOADABLE
        raise
    if not isinstance(found, Loaded):
        raise Failure(
            "Your program wrote to the grader's wire: it ended as a script does.",
            verdict=Verdict.SANDBOX_VIOLATION,
        )
    if found.error is not None:
        raise not_loadable(found.error)
    if found.missing:
        names = " and ".join(f"`{name}`" for name in found.missing)
        raise Failure(
            f"Your file defines no {names}: keep the names that the stub has.", verdict=Verdict.RUNTIME_ERROR
        )


def not_loadable(record: ExceptionRecord) -> Failure:
    """The failure of a module that raised while it was being loaded."""
    failure = failure_of(rebuild(record))
    if failure.verdict is Verdict.RUNTIME_ERROR:
        failure.verdict = Verdict.NOT_LOADABLE
    return Failure(f"Your file could not be loaded. {failure}", verdict=failure.verdict, line=failure.line)


async def assert_nothing_left(
    kata: RemoteKata, host_of: HostOf = lambda address: None, *, errors_too: bool = True
) -> None:
    """The inspection after each check; `host_of` knows hosts by address. Raises Failure (LEAKED).

    `errors_too`: also for the error of a task that nobody has looked at.
    """
    if kata.guest.failure is not None:
        return
    # What ends at the very instant at which the check does is not left running: the next one tells.
    await asyncio.sleep(1 / NS)
    left = await kata.inspect()
    found = list(_leaks(left if errors_too else msgspec.structs.replace(left, never_retrieved=())))
    if found:
        _, line, misconception = found[0]
        told = Counter(_by_name(words, host_of) for words, _, _ in found)
        lines = [words if count == 1 else f"{words} ({count} times)" for words, count in told.items()]
        raise Failure(
            "\n".join(lines[:8]),
            verdict=Verdict.LEAKED,
            line=line,
            misconception=misconception,
        )


def _by_name(words: str, host_of: HostOf) -> str:
    """With hosts called as the learner knows them: `library:7000` for `('10.0.0.3', 7000)`."""

    def named(hit: re.Match[str]) -> str:
        host = host_of(hit["address"])
        return hit[0] if host is None else f"{host.name}:{hit['port']}"

    return re.sub(r"\('(?P<address>[\d.]+)', (?P<port>\d+)\)", named, words)


def _leaks(left: History) -> list[tuple[str, int | None, str | None]]:
    """What is left, worst first: (words, line, misconception)."""
    found: list[tuple[str, int | None, str | None]] = []
    for name, line in left.never_awaited:
        words = f"`{name}(...)` was called but never awaited, so it never ran."
        found.append((words, line, "never_awaited"))
    for text, line in left.never_retrieved:
        words = f"A task failed and nobody looked at its exception: {text}."
        found.append((words, line, "result_never_retrieved"))
    for state in left.pending:
        waiting = f", waiting at `{state.waiting_on}`" if state.waiting_on else ""
        words = f"The task `{state.task}` was still running at the end{waiting}."
        found.append((words, state.line, "task_dropped"))
    for peer, line in left.open_sockets:
        found.append((f"The {peer} was never closed.", line, "forgot_close"))
    return found


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the judge itself had no memory left: a guest's own comes as another class (`rebuilt`)."""
    if isinstance(error, BaseExceptionGroup):
        return any(map(is_out_of_memory, error.exceptions))
    return isinstance(error, MemoryError)


# -- folding ---------------------------------------------------------------------------------------
def as_failure(error: BaseException, guest: GuestSession | None, *, has_called: bool = False) -> Failure:
    """Whatever a check raised, as a failure with the right verdict; JUDGE_ERROR where it is ours.

    Once the learner's code has been called, what a suite cannot handle is what that code gave.
    """
    if isinstance(error, BaseExceptionGroup) and record_of(error) is None and not is_out_of_memory(error):
        return as_failure(error.exceptions[0], guest, has_called=has_called)
    if isinstance(error, Failure):
        return error
    if record_of(error) is not None:
        return failure_of(error)
    if guest is not None and guest.failure is not None:
        return guest.failure
    if isinstance(error, MemoryError):
        return too_much_to_judge()
    if isinstance(error, (AssertionError, pytest.fail.Exception)):
        return Failure(str(error) or "The check's condition does not hold.")
    if is_out_of_memory(error):
        words = "Looking at what your program handed over took more memory than the judge has."
        return Failure(words, verdict=Verdict.MEMORY_LIMIT)
    if isinstance(error, Deadlock):
        return Failure(str(error), verdict=Verdict.DEADLOCK)
    where = suite_frame(error) if has_called and not isinstance(error, _NEVER_A_VALUES) else None
    if where is not None:
        said = "".join(traceback.format_exception_only(error)).strip()
        text = f"Your code gave something that the check cannot use: {said} ({where[0]}, line {where[1]})."
        return Failure(text)
    detail = "".join(traceback.format_exception(error))
    return Failure(f"The suite itself broke: {detail}", verdict=Verdict.JUDGE_ERROR)


_NEVER_A_VALUES = (NameError, ImportError, SyntaxError, NotTransferable, MemoryError)
"""What no value of a guest's can raise in a suite: there, it is the suite's own mistake."""
_SEEN_THROUGH = {"grader.testing", "grader.testing.declared", "grader.judge.remote"}
"""Modules that do a suite's work for it: what they raise at a value is raised by the suite."""
_LIBRARIES = {*sys.stdlib_module_names, "msgspec", "pluggy", "_pytest", "pytest", "pytest_asyncio"}


def suite_frame(error: BaseException) -> tuple[str, int] | None:
    """The suite's line that raised an error, as (file, line); None where it is one of ours or of nobody's."""
    frames = list(traceback.walk_tb(error.__traceback__))
    for frame, line in reversed(frames):
        module = str(frame.f_globals.get("__name__"))
        if module in _SEEN_THROUGH or module.partition(".")[0] in _LIBRARIES:
            continue
        is_ours = module.startswith("grader.") and not module.startswith("grader.suites.")
        return None if is_ours else (Path(frame.f_code.co_filename).name, line)
    return None


def check_result(
    name: str,
    *,
    title: str,
    max_points: float,
    outcome: CheckOutcome,
    guest: GuestSession | None,
    kata: RemoteKata | None,
    exchanges: tuple[Exchange, ...],
    seed: int | None,
) -> CheckResult:
    """Fold one check's outcome into its result."""
    error = outcome.first()
    has_called = kata is not None and kata.has_called
    failure = None if error is None else as_failure(error, guest, has_called=has_called)
    if guest is not None and guest.failure is not None:
        worst = Verdict.worst([guest.failure.verdict, failure.verdict if failure else Verdict.ACCEPTED])
        failure = guest.failure if worst is guest.failure.verdict else failure
    return CheckResult(
        id=name,
        title=title,
        verdict=Verdict.ACCEPTED if failure is None else failure.verdict,
        points=max_points if failure is None else 0,
        max_points=max_points,
        rationale=None if failure is None else _cut(str(failure)),
        line=None if failure is None else _real_line(failure.line),
        misconception=None if failure is None else failure.misconception,
        elapsed_virtual_ns=kata.elapsed_ns if kata is not None else None,
        best_virtual_ns=kata.best_ns if kata is not None else None,
        peak_in_flight=peak_in_flight(exchanges) if exchanges else None,
        seed=seed if failure is not None else None,
        output="".join(text for _, _, text in guest.output)[:MAX_OUTPUT] if guest is not None else "",
    )


def _cut(words: str) -> str:
    return words if len(words) <= MAX_WORDS else f"{words[:MAX_WORDS]}… ({len(words)} characters)"


def _real_line(line: int | None) -> int | None:
    """The line, where a file can have it: the guest chooses it."""
    return line if line is not None and 0 < line < _MAX_LINE else None
