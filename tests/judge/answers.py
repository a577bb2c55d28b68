"""Answers to kata 4 that go wrong in every way that a person, or an accident, can make them."""

from __future__ import annotations

from dataclasses import dataclass

from grader.records import Verdict


@dataclass(frozen=True)
class Bad:
    """An answer, the verdict that it must get, and words and line that its learner must see."""

    source: str | bytes
    verdict: Verdict
    words: str
    line: int | None = None


def body(text: str, *, top: str = "import asyncio, os, sys, threading, time, ctypes") -> str:
    """A file whose `read_all` starts on line 2, and its body on line 3."""
    lines = "\n".join("    " + line for line in text.splitlines())
    return f"{top}\nasync def read_all(names):\n{lines}\n"


V = Verdict
BAD = {
    "empty": Bad("", V.RUNTIME_ERROR, "defines no `read_all`"),
    "syntax_error": Bad("async def read_all(names)\n    return 1\n", V.NOT_LOADABLE, "expected ':'", 1),
    "not_utf8": Bad(b"x = '\xff\xfe'\n", V.NOT_LOADABLE, "utf-8"),
    "nul_bytes": Bad(b"x = 1\x00\n", V.NOT_LOADABLE, "null bytes"),
    "entry_point_missing": Bad("x = 1\n", V.RUNTIME_ERROR, "defines no `read_all`"),
    "entry_point_no_function": Bad("read_all = 3\n", V.RUNTIME_ERROR, "should be a function, but it is int"),
    "wrong_signature": Bad("\nasync def read_all(): ...\n", V.RUNTIME_ERROR, "positional arguments", 2),
    "ordinary_function": Bad("def read_all(names): return [1]\n", V.WRONG_ANSWER, "async def", 1),
    "raises_on_import": Bad("x = 1\n1 / 0\n", V.NOT_LOADABLE, "ZeroDivisionError", 2),
    "exits_on_import": Bad("raise SystemExit(0)\n", V.NOT_LOADABLE, "SystemExit", 1),
    "hard_exit_on_import": Bad("import os\nos._exit(0)\n", V.NOT_LOADABLE, "exit code 0"),
    "cancels_itself": Bad(body("raise asyncio.CancelledError"), V.RUNTIME_ERROR, "nobody had cancelled", 3),
    "breakpoint_left_in": Bad(body("breakpoint()\nreturn []"), V.RUNTIME_ERROR, "use `kata run`"),
    "raises_in_a_call": Bad(body("return names[99]"), V.RUNTIME_ERROR, "IndexError", 3),
    "exits_in_a_call": Bad(body("sys.exit(0)"), V.RUNTIME_ERROR, "SystemExit", 3),
    "exits_in_a_task": Bad(
        body("async def f(): sys.exit(3)\nawait asyncio.gather(f())"), V.RUNTIME_ERROR, "SystemExit: 3", 3
    ),
    "hard_exit_in_a_call": Bad(body("os._exit(0)"), V.RUNTIME_ERROR, "exit code 0"),
    "keyboard_interrupt": Bad(body("raise KeyboardInterrupt"), V.RUNTIME_ERROR, "KeyboardInterrupt", 3),
    "waits_for_ever": Bad(body("await asyncio.Event().wait()"), V.DEADLOCK, "asyncio.Event().wait()", 3),
    "sleeps_for_ever": Bad(body("while True: await asyncio.sleep(9)"), V.TIME_LIMIT, "virtual time"),
    "spins": Bad(body("while True: await asyncio.sleep(0)"), V.BUSY_LOOP, "without ever waiting"),
    "looks_at_the_clock": Bad(
        body("while time.monotonic() < 5: pass"), V.BUSY_LOOP, "only waiting moves the clock", 3
    ),
    "looks_at_the_nanoseconds": Bad(
        body("while time.time_ns() < 2 * 10**18: pass"), V.BUSY_LOOP, "10000 looks at the clock", 3
    ),
    "looks_between_turns": Bad(
        body("while asyncio.get_running_loop().time() < 5: await asyncio.sleep(0)"),
        V.BUSY_LOOP,
        "only waiting moves the clock",
        3,
    ),
    "recurses": Bad(body("return await read_all(names)"), V.RUNTIME_ERROR, "RecursionError", 3),
    "prints_without_end": Bad(
        body("for _ in range(100): print('x' * 1_000_000)"), V.OUTPUT_LIMIT, "printed more than"
    ),
    "returns_ten_megabytes": Bad(body("return ['x' * 10**6] * 10"), V.OUTPUT_LIMIT, "too large"),
    "adds_notes": Bad(
        body("error = ValueError()\nerror.add_note('look at the antenna')\nraise error from KeyError()"),
        V.RUNTIME_ERROR,
        "look at the antenna",
        5,
    ),
    "yields": Bad(body("yield 1"), V.WRONG_ANSWER, "async generator"),
    "waits_for_a_lock_it_holds": Bad(
        body("lock = threading.Lock()\nlock.acquire()\nlock.acquire()"),
        V.DEADLOCK,
        "line 5: lock.acquire()",
        5,
    ),
    "group_of_many": Bad(
        body("raise ExceptionGroup('all', [ValueError(n) for n in range(8)])"),
        V.RUNTIME_ERROR,
        "and 3 more",
        3,
    ),
    "returns_an_object": Bad(body("return object()"), V.WRONG_ANSWER, "as plain data"),
    "returns_coroutines": Bad(
        body("return [asyncio.sleep(0)]"), V.WRONG_ANSWER, "returned a coroutine and not a result"
    ),
    "takes_all_memory": Bad(body("x = bytearray(4 << 30)"), V.MEMORY_LIMIT, "more memory", 3),
    "starts_too_many_threads": Bad(
        body("for _ in range(200): threading.Thread(target=time.sleep, args=(1,)).start()"),
        V.RUNTIME_ERROR,
        "can't start new thread",
        3,
    ),
    "starts_too_many_tasks": Bad(
        body("x = [asyncio.create_task(asyncio.sleep(1)) for _ in range(60_000)]"),
        V.RUNTIME_ERROR,
        "too many tasks",
        3,
    ),
    "writes_garbage_to_the_wire": Bad(
        body("for fd in range(3, 64):\n    try: os.write(fd, b'garbage' * 100)\n    except OSError: pass"),
        V.SANDBOX_VIOLATION,
        "wire",
    ),
    "drops_a_task": Bad(
        body("asyncio.create_task(asyncio.sleep(5))\nreturn [1]"), V.WRONG_ANSWER, "The readings should be"
    ),
}
