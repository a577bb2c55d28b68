"""Every named misconception recognises its own example, and lets it go once put right."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.diagnosis import CATALOGUE, Diagnosis, Misconception, diagnose, misconception_named
from grader.judge.explain import explained
from grader.records import BlockedStretch, CheckResult, Exchange, History, Snapshot, TaskState, Verdict

S = 1_000_000_000

ONE_BY_ONE = tuple(Exchange(host="h", label=f"r{n}", start_ns=n * S, end_ns=(n + 1) * S) for n in range(4))
TOGETHER = tuple(Exchange(host="h", label=f"r{n}", start_ns=0, end_ns=(n + 1) * S) for n in range(4))


@dataclass(frozen=True)
class Run:
    """What the failed check of an example looked like, and what to expect of the diagnosis."""

    line: int
    verdict: Verdict = Verdict.WRONG_ANSWER
    history: History = field(default_factory=History)
    mended: History | None = None
    """What the same check would see of the example put right, where it differs."""
    entries: tuple[str, ...] = ()


def blocked(*lines: int, what: str = "time.sleep(1)") -> tuple[BlockedStretch, ...]:
    return tuple(
        BlockedStretch(what=what, line=line, function="read", start_ns=n * S, end_ns=(n + 1) * S)
        for n, line in enumerate(lines)
    )


def slow(line: int, *entries: str, history: History | None = None) -> Run:
    return Run(line, Verdict.NOT_CONCURRENT, history or History(exchanges=ONE_BY_ONE), entries=entries)


def wrong(line: int, *entries: str, verdict: Verdict = Verdict.WRONG_ANSWER) -> Run:
    return Run(line, verdict, History(exchanges=TOGETHER), entries=entries)


QUEUEING = tuple(
    Snapshot(
        at_ns=at * S,
        tasks=tuple(
            TaskState(task=f"t{n}", line=7, function="read", waiting_on="", parent="p") for n in (0, 1)
        ),
    )
    for at in (0, 1)
)
ASKED = Exchange(host="h", label="same", start_ns=0, end_ns=S)
LEAKED = Verdict.LEAKED
PENDING = TaskState(task="Task-3", line=4, function="save", waiting_on="await asyncio.sleep(1)")

RUNS = {
    "run_inside_loop": wrong(8, "read_all", verdict=Verdict.RUNTIME_ERROR),
    "not_a_coroutine": Run(
        3, Verdict.BLOCKED_LOOP, History(blocked=blocked(7)), History(), entries=("read_all",)
    ),
    "async_in_front_only": Run(
        3, Verdict.BLOCKED_LOOP, History(blocked=blocked(6)), History(), entries=("read_all",)
    ),
    "awaited_a_plain_call": wrong(4, "read", verdict=Verdict.RUNTIME_ERROR),
    "with_instead_of_async_with": wrong(6, "save", verdict=Verdict.RUNTIME_ERROR),
    "gather_without_star": wrong(4, "read_all", verdict=Verdict.RUNTIME_ERROR),
    "for_instead_of_async_for": wrong(8, "titles", verdict=Verdict.RUNTIME_ERROR),
    "coroutine_awaited_twice": wrong(6, "lookup_once", verdict=Verdict.RUNTIME_ERROR),
    "thread_wait_in_coroutine": Run(5, Verdict.DEADLOCK, entries=("handle_all",)),
    "loop_hogged": Run(
        3,
        Verdict.BLOCKED_LOOP,
        History(blocked=blocked(4, what="crunch")),
        History(),
        entries=("checksum",),
    ),
    "blocking_call_in_coroutine": Run(
        5, Verdict.BLOCKED_LOOP, History(blocked=blocked(5, 5)), History(), entries=("read_all",)
    ),
    "busy_wait": Run(4, Verdict.BUSY_LOOP, entries=("wait_until_ready",)),
    "cancellation_swallowed": wrong(7, "worker"),
    "semaphore_per_call": wrong(5, "fetch_all"),
    "semaphore_around_all": wrong(5, "fetch_all"),
    "lock_per_call": wrong(5, "deposit"),
    "notify_without_lock": wrong(6, "announce", verdict=Verdict.RUNTIME_ERROR),
    "wait_without_loop": wrong(9, "take"),
    "loop_touched_from_thread": Run(9, Verdict.DEADLOCK, entries=("collect",)),
    "never_awaited": Run(8, LEAKED, History(never_awaited=(("save", 8),)), History(), entries=("save_all",)),
    "created_and_awaited_at_once": slow(7, "read_all"),
    "task_group_per_item": slow(5, "save_all"),
    "lock_held_too_wide": slow(6, "read_all"),
    "awaited_in_a_loop": slow(4, "read_all"),
    "one_worker": slow(13, "handle_all"),
    "coroutine_not_started": slow(2, "report"),
    "bounded_too_tightly": Run(
        7, Verdict.NOT_CONCURRENT, History(snapshots=QUEUEING), History(), entries=("read_all",)
    ),
    "left_running_on_failure": Run(4, LEAKED, History(pending=(PENDING,)), entries=("report",)),
    "awaited_in_turn": slow(3, "breakfast"),
    "gather_in_chunks": slow(7, "fetch_all", history=History(exchanges=TOGETHER)),
    "gathered_in_rounds": slow(7, "build", history=History(exchanges=TOGETHER)),
    "forgot_task_done": Run(5, Verdict.DEADLOCK, entries=("handle_all",)),
    "task_done_skipped_on_error": Run(7, Verdict.DEADLOCK, entries=("handle_all",)),
    "locks_in_a_circle": Run(7, Verdict.DEADLOCK, entries=("dine",)),
    "release_skipped_on_error": Run(8, Verdict.DEADLOCK, entries=("fetch_in_place",)),
    "sleep_instead_of_await": wrong(5, "read_both"),
    "task_dropped": wrong(5, "save_all", verdict=LEAKED),
    "fire_and_forget": wrong(4, "save_all", verdict=LEAKED),
    "losers_not_cancelled": wrong(5, "first_answer", verdict=LEAKED),
    "workers_never_stopped": Run(5, LEAKED, entries=("handle_all",)),
    "cancelled_and_not_awaited": wrong(7, "first_answer", verdict=LEAKED),
    "shield_without_reference": wrong(4, "store", verdict=LEAKED),
    "result_never_retrieved": Run(
        4, LEAKED, History(never_retrieved=(("ValueError: no", 4),)), History(), entries=("refresh",)
    ),
    "forgot_close": Run(4, LEAKED, History(open_sockets=(("host", 4),)), History(), entries=("read_line",)),
    "check_then_await": Run(5, history=History(exchanges=(ASKED, ASKED)), entries=("lookup_once",)),
    "shared_state_across_await": wrong(3, "deposit"),
    "sleep_instead_of_event": wrong(4, "wait_until_ready"),
    "order_from_a_set": wrong(6, "read_all"),
    "results_in_arrival_order": wrong(5, "read_all"),
    "waited_for_all_before_first": slow(4, "show_all", history=History(exchanges=TOGETHER)),
    "timeout_around_each_not_whole": wrong(6, "fetch_patiently"),
    "no_timeout": wrong(1, "read_all"),
    "drifts_by_sleeping": wrong(6, "tick"),
    "return_exceptions_hides_failure": wrong(4, "save_all"),
    "every_error_retried": wrong(7, "fetch_patiently"),
    "client_per_call": wrong(5, "fetch_all"),
    "unbounded_fan_out": wrong(4, "fetch_all"),
    "one_read_is_a_message": wrong(5, "ask"),
    "decoded_piece_by_piece": wrong(4, "text_of", verdict=Verdict.RUNTIME_ERROR),
    "no_half_close": Run(7, Verdict.DEADLOCK, entries=("ask",)),
    "written_without_drain": wrong(3, "relay"),
    "queue_without_bound": wrong(4, "pipeline"),
    "to_thread_around_blocking": wrong(9, "read_all"),
    "gather_without_return_exceptions": wrong(4, "read_all", verdict=Verdict.RUNTIME_ERROR),
}

by_name = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)


def test_the_catalogue_is_large_and_its_names_are_unique_and_all_tested() -> None:
    assert len(CATALOGUE) >= 24
    assert sorted(RUNS) == sorted(entry.name for entry in CATALOGUE)


@by_name
def test_an_example_is_diagnosed_as_itself_on_its_line(entry: Misconception) -> None:
    run = RUNS[entry.name]
    found = diagnose(entry.example, run.history, run.verdict, run.entries)
    assert found == Diagnosis(misconception=entry.name, line=run.line)


@by_name
def test_an_example_put_right_is_no_longer_diagnosed_as_it(entry: Misconception) -> None:
    run = RUNS[entry.name]
    history = run.history if run.mended is None else run.mended
    found = diagnose(entry.instead, history, run.verdict, run.entries)
    assert found is None or found.misconception != entry.name


@by_name
def test_the_line_is_the_learners_also_when_the_file_starts_further_down(entry: Misconception) -> None:
    run = RUNS[entry.name]
    if run.mended is not None:  # their lines come from the run, which saw the file as it is
        return
    found = diagnose("\n" * 7 + entry.example, run.history, run.verdict, run.entries)
    assert found == Diagnosis(misconception=entry.name, line=run.line + 7)


@by_name
def test_every_entry_has_its_words(entry: Misconception) -> None:
    assert entry.title
    assert entry.why.endswith(".")
    assert entry.why.count(". ") == 0, "one sentence"
    assert entry.hint_step in (1, 2, 3)
    page, _, section = entry.section.partition(": ")
    assert page in PAGES
    assert section in PAGES[page]
    assert Verdict.ACCEPTED not in entry.verdicts
    assert Verdict.JUDGE_ERROR not in entry.verdicts


@by_name
def test_both_examples_are_python_and_differ(entry: Misconception) -> None:
    assert ast.dump(ast.parse(entry.example)) != ast.dump(ast.parse(entry.instead))


@by_name
def test_no_example_explains_a_check_that_passed_or_that_we_broke(entry: Misconception) -> None:
    run = RUNS[entry.name]
    for verdict in (Verdict.ACCEPTED, Verdict.JUDGE_ERROR, Verdict.SANDBOX_VIOLATION, Verdict.STALLED):
        assert diagnose(entry.example, run.history, verdict, run.entries) is None


PAGES = {
    "Runners": ("Running an asyncio Program",),
    "Coroutines and Tasks": (
        *("Coroutines", "Awaitables", "Creating Tasks", "Task Cancellation", "Task Groups", "Sleeping"),
        *("Running Tasks Concurrently", "Shielding From Cancellation", "Timeouts", "Waiting Primitives"),
        *("Running in Threads", "Scheduling From Other Threads"),
    ),
    "Streams": ("Stream Functions", "StreamReader", "StreamWriter"),
    "Synchronization Primitives": ("Lock", "Event", "Condition", "Semaphore", "BoundedSemaphore", "Barrier"),
    "Queues": ("Queue", "Examples"),
    "Developing with asyncio": (
        *("Concurrency and Multithreading", "Running Blocking Code"),
        *("Detect never-awaited coroutines", "Detect never-retrieved exceptions"),
    ),
}
"""The pages of Python's asyncio documentation, and those of their sections that entries point to."""


def named(source: str, run: Run) -> str | None:
    found = diagnose(source, run.history, run.verdict, run.entries)
    return None if found is None else found.misconception


def test_an_await_in_a_loop_is_found_in_the_caller_and_not_where_a_helper_reads_its_lines() -> None:
    source = """
import asyncio

async def read(name):
    reader, writer = await asyncio.open_connection(name, 80)
    chunks = []
    while chunk := await reader.read(100):
        chunks.append(chunk)
    writer.close()
    return b"".join(chunks)

async def each(names):
    return [await read(name) for name in names]

async def read_all(names):
    return await each(names)
"""
    found = diagnose(source, History(exchanges=ONE_BY_ONE), Verdict.NOT_CONCURRENT, ("read_all",))
    assert found == Diagnosis(misconception="awaited_in_a_loop", line=13)


def test_code_that_no_entry_point_reaches_is_not_blamed() -> None:
    source = """
async def old_version(names, read):
    for name in names:
        await read(name)

async def read_all(names, read):
    return await read(names)
"""
    assert named(source, slow(0, "read_all")) is None


def test_requests_that_overlapped_are_not_blamed_on_an_await_in_a_loop() -> None:
    entry = misconception_named("awaited_in_a_loop")
    assert entry is not None
    assert named(entry.example, slow(0, "read_all", history=History(exchanges=TOGETHER))) is None


def test_calls_that_overlap_each_other_may_still_be_sequential_inside() -> None:
    entry = misconception_named("awaited_in_a_loop")
    assert entry is not None
    calls = (TaskState(task="a", line=4, function="f", waiting_on="x"),) * len(TOGETHER)
    history = History(exchanges=TOGETHER, snapshots=(Snapshot(at_ns=0, tasks=calls),))
    assert named(entry.example, slow(0, "read_all", history=history)) == "awaited_in_a_loop"


def test_a_lock_that_nobody_waited_for_is_not_to_blame() -> None:
    entry = misconception_named("lock_held_too_wide")
    assert entry is not None
    history = History(exchanges=ONE_BY_ONE, snapshots=QUEUEING)
    assert named(entry.example, slow(0, "read_all", history=history)) != "lock_held_too_wide"


@pytest.mark.parametrize(
    "source",
    [
        "from time import sleep\nasync def f(g):\n    await g()\n    sleep(1)",
        "from time import sleep as nap\nasync def f(g):\n    await g()\n    nap(1)",
        "import time as t\nasync def f(g):\n    await g()\n    t.sleep(1)",
        "import time\nnap = time.sleep\nasync def f(g):\n    await g()\n    nap(1)",
    ],
)
def test_a_blocking_call_is_recognised_under_any_name(source: str) -> None:
    found = diagnose(source, History(), Verdict.BLOCKED_LOOP, ("f",))
    assert found == Diagnosis(misconception="blocking_call_in_coroutine", line=len(source.splitlines()))


def test_a_blocking_call_is_found_in_a_plain_helper_of_a_coroutine() -> None:
    source = "import time\ndef pause():\n    time.sleep(1)\nasync def f(g):\n    pause()\n    await g()\n"
    found = diagnose(source, History(), Verdict.BLOCKED_LOOP, ("f",))
    assert found == Diagnosis(misconception="blocking_call_in_coroutine", line=3)


def test_a_blocking_call_handed_to_a_thread_does_not_hold_the_loop() -> None:
    source = "import asyncio, time\nasync def f():\n    await asyncio.to_thread(time.sleep, 1)\n"
    assert diagnose(source, History(), Verdict.BLOCKED_LOOP, ("f",)) is None


def test_of_several_blocking_lines_the_one_that_held_the_loop_longest_is_named() -> None:
    source = "import time\nasync def f(g):\n    await g()\n    time.sleep(1)\n    time.sleep(2)\n"
    history = History(blocked=blocked(4, 5, 5))
    found = diagnose(source, history, Verdict.BLOCKED_LOOP, ("f",))
    assert found == Diagnosis(misconception="blocking_call_in_coroutine", line=5)


def test_a_second_entry_point_left_as_it_was_is_found() -> None:
    source = """
import asyncio, time
async def one():
    await asyncio.sleep(1)
def two():
    time.sleep(1)
"""
    found = diagnose(source, History(), Verdict.BLOCKED_LOOP, ("one", "two"))
    assert found == Diagnosis(misconception="not_a_coroutine", line=5)


NEWSROOM = """
import time
def polish(text, is_clean, correct):
    while not is_clean(text):
        text = correct(text)
    return text
def publish(text, is_clean, correct, store):
    return store(polish(text, is_clean, correct))
def typos(text):
    time.sleep(1)
def archive(text):
    time.sleep(1)
def main():
    publish("teh cat", typos, typos, archive)
"""
ENTRIES = ("polish", "publish", "main")


@pytest.mark.parametrize(
    ("history", "line"),
    [
        (History(), 3),
        (History(never_awaited=(("is_clean", 4),)), 3),
        (History(never_awaited=(("is_clean", 4), ("store", 8))), 7),
        (History(blocked=blocked(10, 12)), 13),
    ],
    ids=["nothing seen", "polish called", "publish called", "main called"],
)
def test_of_several_untouched_entry_points_the_one_that_the_check_called_is_named(
    history: History, line: int
) -> None:
    """`main` only if what was seen to happen can have come from nowhere else."""
    found = diagnose(NEWSROOM, history, Verdict.WRONG_ANSWER, ENTRIES)
    assert found == Diagnosis(misconception="not_a_coroutine", line=line)


def test_a_plain_function_that_awaits_nothing_is_no_forgotten_await() -> None:
    """It cannot await: what it lacks is `async def`."""
    source = "def make(plan, perform):\n    return [perform(step) for step in plan]\n"
    history = History(never_awaited=(("perform", 2),))
    assert diagnose(source, history, Verdict.WRONG_ANSWER, ("make",)) == Diagnosis("not_a_coroutine", 1)


def test_what_the_judge_saw_to_be_plain_is_told_so_whatever_the_code_looks_like() -> None:
    source = "import asyncio\ndef make():\n    asyncio.sleep(1)\n"
    seen = CheckResult(
        id="test_x", title="x", verdict=Verdict.WRONG_ANSWER, points=0, max_points=1, line=2,
        misconception="not_a_coroutine",
    )  # fmt: skip
    found = explained(seen, History(), source, ("make",))
    assert (found.misconception, found.line) == ("not_a_coroutine", 2)


ANNOUNCED = [
    "announce(len(order), boat, words)",
    "await announce(len(order), boat, words)",
    "announce(words=words)",
]


@pytest.mark.parametrize("announced", ANNOUNCED)
def test_results_announced_as_they_come_are_in_the_order_asked_for(announced: str) -> None:
    """In tasks that append for themselves, and in a loop over as_completed."""
    tasks = f"""
import asyncio
async def run_race(boats, sail, announce):
    order = []
    async def follow(boat):
        words = await sail(boat)
        order.append(boat)
        {announced}
    async with asyncio.TaskGroup() as group:
        for boat in boats:
            group.create_task(follow(boat))
    return order
"""
    loop = f"""
import asyncio
async def run_race(boats, sail, announce):
    order = []
    for boat, finish in zip(boats, asyncio.as_completed([sail(boat) for boat in boats])):
        words = await finish
        order.append(boat)
        {announced}
    return order
"""
    for source in (tasks, loop):
        assert named(source, wrong(0, "run_race")) != "results_in_arrival_order"
        silent = source.replace(announced, "pass")
        assert named(silent, wrong(0, "run_race")) == "results_in_arrival_order"


def test_work_that_needs_no_answer_is_no_announcement() -> None:
    source = """
import asyncio
async def save_all(records, save, discard):
    receipts = []
    async def attend(record):
        try:
            await discard(record)
            receipts.append(await save(record))
        except asyncio.CancelledError:
            await discard(record)
            raise
    async with asyncio.TaskGroup() as group:
        for record in records:
            group.create_task(attend(record))
    return receipts
"""
    assert named(source, wrong(0, "save_all")) == "results_in_arrival_order"


@pytest.mark.parametrize(
    ("made", "name"),
    [
        ("{}", "results_in_arrival_order"),
        ("dict()", "results_in_arrival_order"),
        ("dict.fromkeys(stations)", None),
        ("{station: None for station in stations}", None),
    ],
)
def test_a_dict_that_has_its_keys_keeps_their_order(made: str, name: str | None) -> None:
    source = f"""
import asyncio
async def ask(station, board, read):
    board[station] = await read(station)
async def read_board(stations, read):
    board = {made}
    async with asyncio.TaskGroup() as group:
        for station in stations:
            group.create_task(ask(station, board, read))
    return board
"""
    assert named(source, wrong(0, "read_board")) == name


def test_two_gathered_again_and_again_are_neither_rounds_nor_batches() -> None:
    source = """
import asyncio
async def polish(text, is_clean, correct):
    while True:
        is_done, better = await asyncio.gather(is_clean(text), correct(text))
        if is_done:
            return text
        text = better
"""
    found = named(source, slow(0, "polish", history=History(exchanges=TOGETHER)))
    assert found not in ("gather_in_chunks", "gathered_in_rounds")


def test_a_crash_is_no_matter_of_order() -> None:
    entry = misconception_named("results_in_arrival_order")
    assert entry is not None
    assert named(entry.example, wrong(0, "read_all", verdict=Verdict.RUNTIME_ERROR)) != entry.name


def test_a_gather_after_the_results_were_handed_on_held_up_nothing() -> None:
    source = """
import asyncio
async def run_race(boats, sail, announce):
    tasks = [asyncio.create_task(sail(boat)) for boat in boats]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in [task for task in tasks if task.done()]:
            announce(task.result())
    finally:
        await asyncio.gather(*tasks, return_exceptions=True)
"""
    for verdict in (Verdict.RUNTIME_ERROR, Verdict.WRONG_ANSWER, Verdict.NOT_CONCURRENT):
        assert named(source, wrong(0, "run_race", verdict=verdict)) != "waited_for_all_before_first"


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        ("[step for step in plan if step not in made]", "gathered_in_rounds"),
        ("plan[len(made):len(made) + 5]", "gather_in_chunks"),
        ("[plan.pop() for _ in range(5)]", "gather_in_chunks"),
    ],
)
def test_rounds_of_what_can_be_done_are_told_from_batches_of_a_size(taken: str, name: str) -> None:
    source = f"""
import asyncio
async def make(plan, perform):
    made = []
    while len(made) < len(plan):
        made += await asyncio.gather(*[perform(step) for step in {taken}])
    return made
"""
    assert named(source, slow(0, "make", history=History(exchanges=TOGETHER))) == name


def test_a_method_of_a_class_that_still_blocks_is_found() -> None:
    source = """
import time
class Limiter:
    def __init__(self):
        self.last = 0.0
    def acquire(self):
        time.sleep(1)
"""
    found = diagnose(source, History(), Verdict.BLOCKED_LOOP, ("Limiter",))
    assert found == Diagnosis(misconception="not_a_coroutine", line=6)


def test_trying_again_in_a_loop_is_not_going_through_items_one_by_one() -> None:
    source = """
import asyncio
async def patiently(fetch):
    while True:
        try:
            return await fetch()
        except ConnectionError:
            await asyncio.sleep(1)
"""
    assert named(source, slow(0, "patiently")) is None


def test_mirrors_tried_in_turn_are_awaited_in_a_loop() -> None:
    source = """
async def first_answer(mirrors, fetch):
    for mirror in mirrors:
        try:
            return await fetch(mirror)
        except OSError:
            continue
"""
    assert named(source, slow(0, "first_answer")) == "awaited_in_a_loop"


def test_a_race_that_is_left_in_the_middle_leaves_its_losers_running() -> None:
    source = """
import asyncio
async def first_answer(mirrors, fetch):
    waiting = [asyncio.create_task(fetch(mirror)) for mirror in mirrors]
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if not task.exception():
                return task.result()
"""
    assert named(source, wrong(0, "first_answer", verdict=LEAKED)) == "losers_not_cancelled"


@pytest.mark.parametrize(
    "use",
    [
        "return f'{read(1)}'",
        "return read(1) + 1",
        "if read(1): return 1",
        "print(read(1))",
        "return read(1)[0]",
        "value = read(1)\n    return await store(value)",
        "value = read(1)\n    return value + 1",
    ],
)
def test_a_coroutine_taken_for_its_result_was_never_awaited(use: str) -> None:
    source = f"async def read(n):\n    return n\n\nasync def main(store):\n    {use}\n"
    assert named(source, wrong(0, "main")) == "never_awaited"


@pytest.mark.parametrize(
    "use",
    [
        "return await read(1)",
        "value = read(1)\n    return await value",
        "value = read(1)\n    return await asyncio.wait_for(value, 1)",
        "values = [read(n) for n in range(3)]\n    return await asyncio.gather(*values)",
        "return read(1)",
    ],
)
def test_a_coroutine_that_is_awaited_later_or_elsewhere_is_right(use: str) -> None:
    source = f"import asyncio\nasync def read(n):\n    return n\n\nasync def main(store):\n    {use}\n"
    assert named(source, wrong(0, "main")) is None


@pytest.mark.parametrize(
    "use",
    [
        "return asyncio.gather(*map(read, names))",
        "readings = asyncio.gather(*map(read, names))\n    return readings",
        "readings = []\n    asyncio.gather(*map(read, names))\n    return readings",
        "return [reading + 1 for reading in asyncio.gather(*map(read, names))]",
    ],
)
def test_a_gather_taken_for_its_results_was_never_awaited(use: str) -> None:
    source = f"import asyncio\nasync def read_all(names, read):\n    {use}\n"
    found = diagnose(source, History(pending=(PENDING,)), Verdict.WRONG_ANSWER, ("read_all",))
    line = next(n for n, text in enumerate(source.splitlines(), start=1) if "gather" in text)
    assert found == Diagnosis(misconception="never_awaited", line=line)


@pytest.mark.parametrize(
    "use",
    [
        "return await asyncio.gather(*map(read, names))",
        "coming = asyncio.gather(*map(read, names))\n    return await coming",
        "coming = asyncio.gather(*map(read, names))\n    return await asyncio.wait_for(coming, 1)",
        "return await begun(names, read)",
    ],
)
def test_a_gather_that_is_awaited_later_or_by_the_caller_is_right(use: str) -> None:
    source = f"""
import asyncio
def begun(names, read):
    return asyncio.gather(*map(read, names))
async def read_all(names, read):
    {use}
"""
    assert named(source, wrong(0, "read_all")) is None


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("list_of_them", "gather_without_star"),
        ("(read(name) for name in names)", "gather_without_star"),
        ("*list_of_them", None),
        ("read(names[0])", None),
        ("names", None),
    ],
)
def test_a_list_handed_to_gather_lacks_its_star_and_not_its_await(given: str, name: str | None) -> None:
    source = f"""
import asyncio
async def read(name):
    await asyncio.sleep(1)
async def read_all(names):
    list_of_them = [read(name) for name in names]
    return await asyncio.gather({given})
"""
    assert named(source, Run(0, Verdict.RUNTIME_ERROR, entries=("read_all",))) == name


ASK = """
    reader, writer = await asyncio.open_connection(host, 7000)
    try:
        return await reader.readline()
    finally:
        writer.close()
"""
ASK_IN_TURN = """
    reader, writer = await asyncio.open_connection(host, 7000)
    answer = await reader.readline()
    writer.close()
    return answer
"""
ASKING = TaskState(task="ask", line=4, function="ask", waiting_on="await reader.readline()")


@pytest.mark.parametrize(
    ("body", "pending", "name"),
    [
        (ASK, (ASKING,), "gather_without_return_exceptions"),
        (ASK, (), None),
        (ASK_IN_TURN, (ASKING,), "gather_without_return_exceptions"),
        (ASK_IN_TURN, (), "forgot_close"),
        (ASK.replace("writer.close()", "pass"), (), "forgot_close"),
    ],
    ids=["finally, running", "finally, ended", "in turn, running", "in turn, cancelled", "not closed"],
)
def test_a_connection_that_its_task_would_close_is_open_because_the_task_runs(
    body: str, pending: tuple[TaskState, ...], name: str | None
) -> None:
    source = f"""import asyncio
async def ask(host):{body}
async def write_report(bay, page):
    return await asyncio.gather(ask(bay), ask(page))
"""
    history = History(pending=pending, open_sockets=(("connection to h", 3),))
    assert named(source, Run(0, LEAKED, history, entries=("write_report",))) == name


@pytest.mark.parametrize(
    "source",
    [
        """
async def opened(host):
    return await asyncio.open_connection(host, 7000)
async def ask(host):
    reader, writer = await opened(host)
    try:
        return await reader.readline()
    finally:
        writer.close()
""",
        """
class Line:
    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection(self.host, 7000)
        return self.reader
    async def __aexit__(self, *_):
        self.writer.close()
async def ask(host):
    async with Line(host) as reader:
        return await reader.readline()
""",
        """
@contextlib.asynccontextmanager
async def line_to(host):
    reader, writer = await asyncio.open_connection(host, 7000)
    try:
        yield reader
    finally:
        writer.close()
async def ask(host):
    async with line_to(host) as reader:
        return await reader.readline()
""",
        """
async def ask(host):
    reader, writer = await asyncio.open_connection(host, 7000)
    with contextlib.closing(writer):
        return await reader.readline()
""",
    ],
    ids=["by whoever asked for it", "by its class", "by its context manager", "by a with"],
)
def test_a_connection_may_be_closed_elsewhere_than_where_it_is_opened(source: str) -> None:
    source = f"import asyncio, contextlib{source}"
    line = next(n for n, text in enumerate(source.splitlines(), start=1) if "open_connection" in text)
    history = History(open_sockets=(("connection to h", line),))
    assert named(source, Run(0, LEAKED, history, entries=("ask",))) is None
    unclosed = source.replace(".close()", ".write_eof()").replace("closing", "nullcontext")
    assert named(unclosed, Run(0, LEAKED, history, entries=("ask",))) == "forgot_close"


@pytest.mark.parametrize(
    "body",
    [
        "    with socket.create_connection(place) as line:\n        return line.recv(100)",
        "    line = socket.create_connection(place)\n    with line:\n        return line.recv(100)",
        "    line = socket.create_connection(place)\n    answer = line.recv(100)\n    line.close()",
    ],
)
def test_a_connection_left_to_a_thread_is_open_because_the_thread_runs(body: str) -> None:
    source = f"""import asyncio, socket
def ask(place):
{body}
async def first_answer(place):
    return await asyncio.to_thread(ask, place)
"""
    history = History(open_sockets=(("connection to h", 3),))
    run = Run(0, LEAKED, history, entries=("first_answer",))
    assert named(source, run) == "to_thread_around_blocking"


def test_what_a_loop_of_its_own_opens_in_a_thread_is_no_connection() -> None:
    source = """import asyncio, threading
async def ask(host):
    reader, writer = await asyncio.open_connection(host, 7000)
    return await reader.readline()
async def first_answer(host):
    threading.Thread(target=lambda: asyncio.run(ask(host))).start()
    await asyncio.sleep(1)
"""
    history = History(open_sockets=(("connection to ''", 6), ("connection to h", 3)))
    found = diagnose(source, history, LEAKED, ("first_answer",))
    assert found == Diagnosis(misconception="forgot_close", line=3)


def test_two_gathered_that_should_follow_one_another_hide_no_failure() -> None:
    source = """
import asyncio
async def publish(text, store, announce):
    number, _ = await asyncio.gather(store(text), announce(0))
    return number
"""
    history = History(pending=(PENDING,))
    assert named(source, Run(0, Verdict.WRONG_ANSWER, history, entries=("publish",))) is None


def test_a_gather_whose_others_are_cancelled_lets_its_failure_out_on_purpose() -> None:
    source = """
import asyncio
async def read_all(names, read):
    tasks = [asyncio.create_task(read(name)) for name in names]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
"""
    assert named(source, wrong(0, "read_all", verdict=Verdict.RUNTIME_ERROR)) is None


def test_a_loop_that_asks_before_each_turn_whether_there_is_one_is_no_row_of_requests() -> None:
    source = """
async def polish(text, is_clean, correct):
    while not await is_clean(text):
        await correct(text)
    return text
"""
    assert named(source, slow(0, "polish")) is None


def test_a_pool_of_threads_is_no_lock_of_theirs() -> None:
    source = """
import asyncio, time
from concurrent.futures import ThreadPoolExecutor
def read(name):
    time.sleep(1)
async def read_all(names):
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(14) as pool:
        return await asyncio.gather(*(loop.run_in_executor(pool, read, name) for name in names))
"""
    assert named(source, slow(0, "read_all")) == "to_thread_around_blocking"


def test_what_was_refused_before_it_could_block_is_not_async_in_front() -> None:
    source = "async def read_all(names):\n    return open('readings.txt').read()\n"
    assert named(source, Run(0, Verdict.RUNTIME_ERROR, entries=("read_all",))) is None
    assert named(source, Run(0, Verdict.BLOCKED_LOOP, entries=("read_all",))) == "async_in_front_only"


def test_awaiting_started_tasks_in_a_loop_is_right() -> None:
    source = """
import asyncio
async def read_all(names, read):
    tasks = [asyncio.create_task(read(name)) for name in names]
    return [await task for task in tasks]
"""
    assert named(source, slow(0, "read_all")) is None


def test_each_step_that_needs_the_one_before_is_right() -> None:
    source = """
async def order(login, find, buy):
    session = await login()
    item = await find(session)
    return await buy(item)
"""
    assert named(source, slow(0, "order")) is None


def test_waiting_for_a_task_that_one_has_cancelled_oneself_is_right() -> None:
    source = """
import asyncio
async def stop(task):
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
"""
    assert named(source, wrong(0, "stop")) is None


@pytest.mark.parametrize(
    "source",
    [
        "",
        "def",
        "async def f(:\n",
        "a\0b",
        "'\ud800'",
        "-" * 90_000 + "1",
        "a" + ".b" * 40_000,
        "a" + "()" * 40_000,
        "(" * 50_000,
        "x = 1\n" * 40_000,
        "f(" * 90 + "1" + ")" * 90,
        "1" + "+1" * 400,
    ],
)
def test_a_source_that_cannot_be_read_has_no_diagnosis(source: str) -> None:
    for verdict in (Verdict.NOT_CONCURRENT, Verdict.NOT_LOADABLE):
        assert diagnose(source, History(), verdict, ("f",)) is None


def test_odd_escapes_in_a_string_raise_no_warning() -> None:
    assert diagnose(r"x = '\d'", History(), Verdict.WRONG_ANSWER, ()) is None


LINES = [line for entry in CATALOGUE for text in (entry.example, entry.instead) for line in text.splitlines()]
VERDICTS = st.sampled_from(list(Verdict))


@given(st.data())
def test_no_mixture_of_lines_and_verdicts_makes_a_detector_stumble(data: st.DataObject) -> None:
    """Whole examples, glued together in any number, with lines left out at random."""
    entries = data.draw(st.lists(st.sampled_from(CATALOGUE), min_size=1, max_size=4))
    lines = [line for entry in entries for line in entry.example.splitlines()]
    kept = [line for line in lines if data.draw(st.integers(0, 9))]
    names = tuple(data.draw(st.lists(st.sampled_from(["read_all", "fetch_all", "worker", "nobody"]))))
    history = History(exchanges=data.draw(st.sampled_from([(), ONE_BY_ONE, TOGETHER])), pending=(PENDING,))
    found = diagnose("\n".join(kept), history, data.draw(VERDICTS), names)
    assert found is None or misconception_named(found.misconception) is not None


EXPRESSIONS = st.recursive(
    st.sampled_from(
        ["x", "self.a", "a[0]", "1", "f()", "(await f(x))", "(lambda: x)", "asyncio.sleep(0)", "(yield)"]
    ),
    lambda inner: st.one_of(
        st.builds("{}({})".format, inner, inner),
        st.builds("({} + {})".format, inner, inner),
        st.builds("[{} for y in {}]".format, inner, inner),
        st.builds("(await asyncio.gather(*{}))".format, inner),
        st.builds("asyncio.create_task({})".format, inner),
        st.builds("{}.get({})".format, inner, inner),
        st.builds("{}[{}]".format, inner, inner),
    ),
    max_leaves=6,
)
STATEMENTS = st.one_of(
    st.builds("{}".format, EXPRESSIONS),
    st.builds("x = {}".format, EXPRESSIONS),
    st.builds("self.a = {}".format, EXPRESSIONS),
    st.builds("a[{}] = {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("a[0] += {}".format, EXPRESSIONS),
    st.builds("return {}".format, EXPRESSIONS),
    st.builds("while {}: {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("for y in {}: {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("if {}: a[0] = {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("async with {} as y: {}".format, EXPRESSIONS, EXPRESSIONS),
    st.builds("with {}: {}".format, EXPRESSIONS, EXPRESSIONS),
)


@given(st.lists(STATEMENTS, min_size=1, max_size=8), VERDICTS, st.sampled_from(["async ", ""]))
def test_no_program_at_all_makes_a_detector_stumble(body: list[str], verdict: Verdict, kind: str) -> None:
    source = f"import asyncio\n{kind}def f(x, limit, total, *, timeout=1):\n" + "".join(
        f"    {s}\n" for s in body
    )
    found = diagnose(source, History(exchanges=ONE_BY_ONE), verdict, ("f",))
    assert found is None or found.line is None or 0 < found.line <= len(source.splitlines())
