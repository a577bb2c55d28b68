"""All katas: how long authors wait for their proofs, and learners for a verdict."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from grader.catalog import load_catalog
from tests.bench.table import Row, at_most, timed

ROOT = Path(__file__).parents[2]


def _run(*arguments: str) -> int:
    command = [sys.executable, "-m", "grader", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode


def _slowest_cold_check() -> Row:
    """The kata whose first accepted answer takes longest to check from a cold start."""
    slowest_s, slowest = 0.0, ""
    for kata in load_catalog().katas:
        answer = sorted((ROOT / "solutions" / kata.name / "accepted").glob("*.py"))[0]
        check = partial(_run, "check", str(kata.number), "--file", str(answer))
        took_s = statistics.median(timed(check) for _ in range(3))
        slowest_s, slowest = max((slowest_s, slowest), (took_s, kata.slug))
    return at_most(f"slowest kata to check, cold ({slowest})", slowest_s, 1.2, "s")


def rows() -> Iterator[Row]:
    count = len(load_catalog().katas)
    yield _slowest_cold_check()
    yield at_most(f"kata dev verify, all {count} katas", timed(lambda: _run("dev", "verify")), 60, "s", 1)
    yield at_most(f"kata dev mutate, all {count} katas", timed(lambda: _run("dev", "mutate")), 300, "s", 1)
