"""The coach reads along and advises; it neither judges nor fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.report.coach import ABSENT, advice, coach, find_ruff
from grader.report.look import Look

PLAIN = Look(width=80)
DROPPED = """import asyncio
import time


async def save_all(items, save):
    for item in items:
        asyncio.create_task(save(item))
    time.sleep(1)
"""


@pytest.fixture(name="ruff")
def the_ruff() -> Path:
    found = find_ruff()
    assert found is not None, "ruff is one of the development tools"
    return found


def test_it_names_the_line_and_the_rule_of_each_remark(ruff: Path) -> None:
    given = advice(DROPPED, ruff)
    assert given is not None
    assert [(each.line, each.rule) for each in given] == [(7, "RUF006"), (8, "ASYNC251")]
    text = coach(DROPPED, PLAIN, ruff)
    assert "line 7:" in text
    assert "[RUF006]" in text
    assert "not a verdict" in text


def test_code_without_fault_earns_one_line(ruff: Path) -> None:
    assert coach("async def f():\n    return 1\n", PLAIN, ruff) == "The coach has nothing to add."


def test_only_our_rules_are_asked(ruff: Path) -> None:
    assert advice("import os, sys\nx = lambda: 0\n", ruff) == ()


def test_the_learner_cannot_silence_it_from_inside_the_file(ruff: Path) -> None:
    quiet = "# ruff: noqa\n" + DROPPED.replace("sleep(1)", "sleep(1)  # noqa")
    given = advice(quiet, ruff)
    assert given is not None
    assert len(given) == 2


@pytest.mark.parametrize("source", ["def f(:\n", "\0", "'\ud800'\n", "(" * 5000])
def test_a_file_that_cannot_be_read_is_no_crash(source: str, ruff: Path) -> None:
    assert coach(source, PLAIN, ruff).startswith("The coach ")


def test_without_ruff_it_says_so_in_one_line() -> None:
    assert coach(DROPPED, PLAIN, None) == ABSENT
    assert "\n" not in ABSENT


def test_a_program_that_is_not_ruff_is_no_crash(tmp_path: Path) -> None:
    assert coach(DROPPED, PLAIN, tmp_path / "ruff") == "The coach could not read this file."
