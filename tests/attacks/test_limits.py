"""Each limit ends a check with its own verdict and words, and is the kata's to set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.catalog import load_catalog
from grader.judge import Judge, Options
from grader.records import Limits, Submission, Verdict
from tests.attacks.scene import KATA, ONE_CHECK

ONE = msgspec.structs.replace(KATA, suite=ONE_CHECK.suite)


@dataclass(frozen=True)
class Case:
    """A limit set low, an answer that meets it, and what its learner is told."""

    limits: dict[str, Any]
    body: str
    verdict: Verdict
    words: str


V = Verdict
SPEAK = (
    "import sys; from grader import wire; link = sys.stdout.buffer.raw._link; from grader.sim import world; "
)
CASES = {
    "cpu": Case({"cpu_s": 1.0, "wall_s": 20.0}, "while True: pass", V.TIME_LIMIT, "more than 1 s of CPU"),
    "wall": Case({"wall_s": 0.5}, "while True: pass", V.STALLED, "still running after 0.5 s"),
    "memory": Case({"memory_mb": 200}, "x = bytearray(300 << 20)", V.MEMORY_LIMIT, "more memory than"),
    "output": Case({"output_bytes": 99}, "print('x' * 100)", V.OUTPUT_LIMIT, "printed more than 99 bytes"),
    "messages": Case(
        {"messages": 50},
        "for _ in range(60): await asyncio.sleep(0.1)",
        V.TIME_LIMIT,
        "more than 50 things",
    ),
    "frame size": Case(
        {"frame_bytes": 20_000},
        SPEAK + "link._send(wire.frame(wire.Idle(None, [wire.Transmit(1, bytes(30_000))])))",
        V.SANDBOX_VIOLATION,
        "at most 20000 are allowed",
    ),
    "frame size, of an honest guest": Case(
        {"frame_bytes": 20_000}, "return 'x' * 30_000", V.OUTPUT_LIMIT, "at most 20,000 are allowed"
    ),
    "bytes of a value": Case({}, "return 'x' * 1_000_001", V.OUTPUT_LIMIT, "at most 1,000,000 are allowed"),
    "members of a value": Case({}, "return [0] * 10_001", V.OUTPUT_LIMIT, "more than 10,000 members"),
    "members of all lists of a value": Case(
        {}, "return [[0] * 100] * 100", V.OUTPUT_LIMIT, "more than 10,000 members"
    ),
    "the largest value": Case({}, "return {n: 'x' * 80 for n in range(10_000)}", V.WRONG_ANSWER, "should be"),
    "all frames": Case(
        {"frame_bytes": 20_000, "virtual_s": 1e9},
        SPEAK + "k = world.current().kernel\nfor _ in range(100):\n    link.act(wire.Noted([], []))\n"
        "    link.act(wire.Transmit(1, bytes(12_000)))\n    link.idle(k, 0)",
        V.SANDBOX_VIOLATION,
        "640000 bytes in one check",
    ),
    "virtual time": Case({"virtual_s": 50.0}, "await asyncio.sleep(99)", V.TIME_LIMIT, "50 s of virtual"),
    "steps per instant": Case(
        {"steps_per_instant": 100}, "while True: await asyncio.sleep(0)", V.BUSY_LOOP, "without ever waiting"
    ),
    "steps per instant, of a liar": Case(
        {"steps_per_instant": 100},
        SPEAK + "\nwhile True:\n    link._send(wire.frame(wire.Idle(-5, [])))\n    link._receive()",
        V.BUSY_LOOP,
        "without ever waiting",
    ),
    "tasks": Case(
        {"tasks": 30},
        "x = [asyncio.create_task(asyncio.sleep(1)) for _ in range(50)]",
        V.RUNTIME_ERROR,
        "this machine allows 30",
    ),
    "threads": Case(
        {"threads": 5},
        "import threading, time\nfor _ in range(9): threading.Thread(target=time.sleep, args=(1,)).start()",
        V.RUNTIME_ERROR,
        "this machine allows 5",
    ),
    "sockets": Case(
        {"sockets": 20},
        "import socket\nx = [socket.socket() for _ in range(30)]",
        V.RUNTIME_ERROR,
        "Too many open",
    ),
    "sockets, of a liar": Case(
        {"sockets": 20},
        SPEAK + "\nfor n in range(1001, 1100, 2): link.act(wire.Connect(n, ('', 0), ('a', 7000)))\n"
        "await asyncio.sleep(1)",
        V.SANDBOX_VIOLATION,
        "more than 20 sockets open at once",
    ),
}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(Options(explain=False)) as one:
        yield one


def test_every_limit_is_tested() -> None:
    covered = {name for case in CASES.values() for name in case.limits}
    assert covered == set(Limits.__struct_fields__)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_limit_ends_the_check_in_its_own_words(case: Case, judge: Judge) -> None:
    lines = "".join(f"    {line}\n" for line in case.body.splitlines())
    source = f"import asyncio\nasync def read_all(names):\n{lines}"
    kata = msgspec.structs.replace(ONE, limits=Limits(**case.limits))
    (check,) = judge.judge(kata, Submission(source=source.encode(), filename="solution.py")).checks
    assert check.verdict is case.verdict, check.rationale
    assert case.words in (check.rationale or "")


def test_a_kata_sets_its_limits_in_its_file(tmp_path: Path) -> None:
    """`[limits]` of kata.toml, each by its name."""
    folder = tmp_path / "01_first"
    folder.mkdir()
    for name in ("README.md", "hints.md", "stub.py"):
        (folder / name).write_text((KATA.folder / name).read_text())
    wanted = dict.fromkeys(Limits.__struct_fields__, 7)
    text = (KATA.folder / "kata.toml").read_text().partition("[limits]")[0]
    text = text.replace('after = ["first_connection"]', "after = []")
    (folder / "kata.toml").write_text(text + "[limits]\n" + "".join(f"{name} = 7\n" for name in wanted))
    assert msgspec.structs.asdict(load_catalog(tmp_path).find("1").limits) == wanted
