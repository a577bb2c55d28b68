"""Swept checks: each kind of mistake is found by its row, and named by its fault; honest answers pass all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.errors import BadInput
from grader.judge import Judge, Options
from grader.records import CheckResult, Kata, Submission, Verdict

SUITE = """
from grader.testing import milliseconds
from grader.testing.faults import (
    again, amount, cancel, caught, fail, lose, network, slow, timeout, value
)
from grader.testing.sweep import stage, sweep


async def send_all(run, *, fails=False):
    parcels = run.names("parcel", run.amount(3))
    receipts = {parcel: run.value() for parcel in parcels}
    lengths = dict(zip(dict.fromkeys(parcels), run.lengths_ms(len(receipts)), strict=True))

    async def send(parcel: str):
        label = f"parcel {parcels.index(parcel) + 1}"
        return await run.step(label, lengths[parcel], receipts[parcel], parcel)

    call = run.call("send_all", parcels, send)
    if run.has("fail"):
        await run.outcome(call)
        await run.raises(call, run.error)
    else:
        best_ns = milliseconds(max(lengths.values(), default=0))
        await run.returns(call, [receipts[parcel] for parcel in parcels], took_ns=best_ns)


@sweep(value(), amount("0", "1", "twice", "100"), again())
async def test_sends(run):
    \"\"\"All are sent.\"\"\"
    await send_all(run)


@stage(2)
@sweep(cancel(), slow(), timeout(), caught())
async def test_cancelled(run):
    \"\"\"A cancellation ends all.\"\"\"
    await send_all(run)


@stage(2)
@sweep(fail("OSError", "LookupError"))
async def test_fails(run):
    \"\"\"An error comes out as itself.\"\"\"
    await send_all(run)


@stage(3)
@sweep(network("bytes", "far", "connects-late"), lose("refused", "reset", "half", "hang-up", "no-name"))
async def test_asks(run):
    \"\"\"Two servers are asked.\"\"\"
    answers = {host: f"answer {run.rng.randrange(10**6)}" for host in run.names("host", 2)}
    for number, (host, answer) in enumerate(answers.items(), start=1):
        await run.serve_lines(f"host {number}", host, 7000, lambda _, answer=answer: answer, takes_ms=500)
    call = run.call("ask_all", list(answers))
    if run.has("lose"):
        outcome = await run.outcome(call)
        assert isinstance(outcome.error, (OSError, EOFError)), outcome
    else:
        await run.returns(call, list(answers.values()), took_ns=milliseconds(500) + run.extra_ns)
"""
HONEST = """
import asyncio

async def send_all(parcels, send):
    tasks = [asyncio.create_task(send(parcel)) for parcel in parcels]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

async def ask(host):
    reader, writer = await asyncio.open_connection(host, 7000)
    try:
        writer.write(b"hello\\n")
        return (await reader.readuntil(b"\\n")).decode().strip()
    finally:
        writer.close()

async def ask_all(hosts):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask_and_keep(host)) for host in hosts]
    errors = [task.result() for task in tasks if isinstance(task.result(), BaseException)]
    if errors:
        raise errors[0]
    return [task.result() for task in tasks]

async def ask_and_keep(host):
    try:
        return await ask(host)
    except (OSError, EOFError) as error:
        return error
"""
Sweeping = Callable[..., dict[str, CheckResult]]


@pytest.fixture(scope="module")
def sweeping(kata_4: Kata, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweeping]:
    """Judge a source with the suite above; results by the check's name."""
    suite = tmp_path_factory.mktemp("suite") / "sweeps.py"
    suite.write_text(SUITE)
    judges = {seed: Judge(Options(suite=suite, explain=False, seed=seed)) for seed in (0, 5)}

    def judge(source: str, seed: int = 0) -> dict[str, CheckResult]:
        judgement = judges[seed].judge(kata_4, Submission(source=source.encode(), filename="solution.py"))
        return {check.id: check for check in judgement.checks}

    for each in judges.values():
        each.__enter__()
    yield judge
    for each in judges.values():
        each.__exit__(None, None, None)


def changed(old: str, new: str) -> str:
    assert old in HONEST
    return HONEST.replace(old, new)


def test_an_honest_answer_passes_every_sweep(sweeping: Sweeping) -> None:
    for check in sweeping(HONEST).values():
        assert check.passed, check.rationale


def test_checks_know_their_stage(sweeping: Sweeping) -> None:
    stages = {name: check.stage for name, check in sweeping(HONEST).items()}
    assert stages == {"test_sends": 1, "test_cancelled": 2, "test_fails": 2, "test_asks": 3}


TASKS = "[asyncio.create_task(send(parcel)) for parcel in parcels]"
TRY = "    finally:\n        for task in tasks"
ONCE = TASKS.replace("in parcels", "in dict.fromkeys(parcels)")
MISTAKES = {
    "a truth test": ("return list(await", "return list(v or '?' for v in await", "test_sends", "value-None"),
    "each name once": (TASKS, ONCE, "test_sends", "amount-twice"),
    "fifty at most": (TASKS, TASKS.replace("in parcels", "in parcels[:50]"), "test_sends", "amount-100"),
    "cancelled and not awaited": (
        "await asyncio.gather(*tasks, return_exceptions=True)",
        "await asyncio.sleep(0)",
        "test_cancelled",
        "slow@0",
    ),
    "a cancellation swallowed": (
        TRY,
        f"    except asyncio.CancelledError:\n        return []\n{TRY}",
        "test_cancelled",
        "cancel@0",
    ),
    "an error swallowed": (
        TRY,
        f"    except OSError:\n        return []\n{TRY}",
        "test_fails",
        "fail-OSError@0",
    ),
    "one read is the line": ('reader.readuntil(b"\\n")', "reader.read(1000)", "test_asks", "network-bytes"),
    "the end of a stream forgotten": ("(OSError, EOFError)", "OSError", "test_asks", "lose-half@0"),
    "caught too narrowly": (
        "(OSError, EOFError)",
        "(ConnectionError, EOFError)",
        "test_asks",
        "lose-no-name@0",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_by_its_row_alone(sweeping: Sweeping, mistake: str) -> None:
    old, new, check, fault = MISTAKES[mistake]
    results = sweeping(changed(old, new))
    assert {name: one.fault for name, one in results.items() if not one.passed} == {check: fault}


def test_a_task_that_goes_on_for_a_while_is_left_over(sweeping: Sweeping) -> None:
    """Though it does nothing that anybody sees, and has ended when the run does."""
    lingering = "    global task\n    task = asyncio.create_task(asyncio.sleep(1))\n"
    lingering += "    try:\n        return list"
    check = sweeping(changed("    try:\n        return list", lingering))["test_sends"]
    assert (check.verdict, check.misconception) == (Verdict.LEAKED, "task_dropped")


LOCKED = """
import asyncio
lock = asyncio.Lock()

async def send_all(parcels, send):
    async with lock:
        tasks = [asyncio.create_task(send(parcel)) for parcel in parcels]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
"""


def test_a_lock_of_the_module_holds_up_calls_at_once(sweeping: Sweeping) -> None:
    check = sweeping(LOCKED)["test_sends"]
    assert (check.verdict, check.fault) == (Verdict.NOT_CONCURRENT, "again-together")


COUNTED = """
import asyncio

async def send_all(parcels, send):
    tasks = [asyncio.ensure_future(send(parcel)) for parcel in parcels]
    try:
        return list(await asyncio.gather(*tasks))
    except asyncio.CancelledError:
        asyncio.current_task().uncancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
"""


def test_an_uncancel_too_many_shows_in_the_callers_count(sweeping: Sweeping) -> None:
    check = sweeping(COUNTED)["test_cancelled"]
    assert not check.passed
    assert check.fault is not None and check.fault.startswith("timeout")


def test_results_are_the_same_at_every_seed(sweeping: Sweeping) -> None:
    for source in (HONEST, LOCKED, COUNTED):
        one, other = ({n: (c.verdict, c.fault) for n, c in sweeping(source, s).items()} for s in (0, 5))
        assert one == other


def test_a_fault_is_replayed_by_its_name(kata_4: Kata, tmp_path: Path) -> None:
    (tmp_path / "sweeps.py").write_text(SUITE)
    submission = Submission(source=LOCKED.encode(), filename="solution.py")
    with Judge(Options(suite=tmp_path / "sweeps.py", fault="again-together", explain=False)) as judge:
        failed = [check.fault for check in judge.judge(kata_4, submission).checks if not check.passed]
    assert "again-together" in failed


def test_a_fault_that_nothing_meets_is_said(kata_4: Kata, tmp_path: Path) -> None:
    (tmp_path / "sweeps.py").write_text(SUITE)
    submission = Submission(source=HONEST.encode(), filename="solution.py")
    with (
        Judge(Options(suite=tmp_path / "sweeps.py", fault="cancel@999", explain=False)) as judge,
        pytest.raises(BadInput, match="cancel@999"),
    ):
        judge.judge(kata_4, submission)
