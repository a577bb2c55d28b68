"""Judging one kata: exactness under load, cold start, cost of a check, cost of isolation."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from grader.catalog import load_catalog
from grader.judge import Judge, Options
from grader.records import Judgement, Submission
from tests.bench.table import Row, at_most, median_of, ratio_in_pairs

ROOT = Path(__file__).parents[2]
ANSWERS = ROOT / "solutions" / "04_gather_readings"
GATHER = ANSWERS / "accepted" / "gather.py"
IN_A_LOOP = ANSWERS / "rejected" / "awaited_in_a_loop.py"
SUITE = Path(__file__).parent / "suites"
KATA = load_catalog().find("4")


def submission(path: Path) -> Submission:
    return Submission(source=path.read_bytes(), filename="solution.py")


@contextmanager
def busy_cores() -> Iterator[None]:
    """A process that burns CPU on every core, for as long as the body runs (at most ten minutes)."""
    burn = "import time\nend = time.time() + 600\nwhile time.time() < end: pass"
    hogs = [subprocess.Popen([sys.executable, "-c", burn]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            with suppress(OSError):
                hog.wait()


def _told(judgement: Judgement) -> dict[str, object]:
    told = judgement.as_json()
    del told["elapsed_wall_ms"]
    return told


def same_verdict_under_load(repeats: int = 200) -> Row:
    """The same JSON in every repeat, with every core busy."""
    with Judge(Options()) as judge, busy_cores():
        first = [_told(judge.judge(KATA, submission(path))) for path in (GATHER, IN_A_LOOP)]
        different = 0
        for _ in range(repeats // 2):
            again = [_told(judge.judge(KATA, submission(path))) for path in (GATHER, IN_A_LOOP)]
            different += sum(one != other for one, other in zip(first, again, strict=True))
    what = f"verdict JSON that differs, {repeats} repeats, every core busy, Python {sys.version.split()[0]}"
    return Row(what, f"{different}", "0", different == 0)


def exact_times() -> list[Row]:
    """Overlapped is the slowest to the nanosecond, sequential the sum."""
    rows = []
    with Judge(Options(suite=SUITE / "exact.py", explain=False)) as judge:
        for path, name, test in (
            (GATHER, "overlapped: elapsed minus the slowest", "test_slowest"),
            (IN_A_LOOP, "sequential: elapsed minus the sum", "test_sum"),
        ):
            checks = {check.id: check for check in judge.judge(KATA, submission(path)).checks}
            check = checks[test]
            off = (check.elapsed_virtual_ns or 0) - (check.best_virtual_ns or 0)
            rows.append(Row(f"kata 4 {name}", f"{off} ns", "0 ns", off == 0 and check.passed))
    return rows


def cold_start() -> Iterator[Row]:
    """`kata check 4` beside `python -m pytest` on one empty async test, with its plugins here, and bare."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "test_empty.py"
        empty.write_text("import pytest\n\n\n@pytest.mark.asyncio\nasync def test_nothing():\n    pass\n")
        kata = [sys.executable, "-m", "grader", "check", "4", "--file", str(GATHER)]
        scope = ["-o", "asyncio_default_fixture_loop_scope=function"]
        plain = [sys.executable, "-m", "pytest", "-q", *scope, str(empty)]
        ours = ["-p", "pytest_asyncio.plugin", "-p", "pytest_timeout"]

        def run(command: list[str]) -> None:
            subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)

        installed = ratio_in_pairs(lambda: run(kata), lambda: run(plain), runs=7)
        bare = [*plain, "--disable-plugin-autoload", *ours]
        ratio = ratio_in_pairs(lambda: run(kata), lambda: run(bare), runs=7)
    what = "`kata check 4` cold / `python -m pytest`, one empty async test"
    yield at_most(f"{what}, all plugins", installed, 1.25, "x")
    yield at_most(f"{what}, ours only", ratio, 1.25, "x")


def cost_of_a_check() -> list[Row]:
    """What each further check costs, and what full isolation adds to it."""
    took = {}
    for level in ("full", "none"):
        with Judge(Options(isolation=level, suite=SUITE / "twenty.py", explain=False)) as judge:
            took[level] = median_of(partial(judge.judge, KATA, submission(GATHER)), runs=9) / 20 * 1000
    return [
        at_most("each further check, full isolation", took["full"], 15, "ms"),
        at_most("full isolation adds to a check", took["full"] - took["none"], 2, "ms"),
    ]


def fifty_seeds() -> Row:
    """Fifty explored seeds of one check."""
    with Judge(Options(suite=SUITE / "explored.py", explain=False)) as judge:
        took = median_of(lambda: judge.judge(KATA, submission(GATHER)))
    return at_most("fifty explored seeds of one check", took, 1, "s")


def rows() -> Iterator[Row]:
    yield from exact_times()
    yield from cold_start()
    yield from cost_of_a_check()
    yield fifty_seeds()
    yield same_verdict_under_load()
