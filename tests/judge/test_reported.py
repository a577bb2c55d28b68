"""Right answers that were refused once, each re-expressed from a report, and their kin."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader.catalog import load_catalog
from grader.judge import Judge, Options
from grader.records import Submission, Verdict

REPORTED = sorted((Path(__file__).parent / "reported").glob("*.py"))
BARE_LOOP = "loop_made_at_import_k04"
"""Calls `asyncio.get_event_loop()` where there is none, which Python 3.14 refuses."""


@pytest.mark.parametrize("seed", range(10))
def test_reported_right_answers_are_accepted(seed: int) -> None:
    catalog = load_catalog()
    with Judge(Options(seed=seed, explain=False)) as judge:
        for path in REPORTED:
            if path.stem == BARE_LOOP and sys.version_info >= (3, 14):
                continue
            kata = catalog.find(str(int(path.stem[-2:])))
            found = judge.judge(kata, Submission(source=path.read_bytes(), filename=path.name))
            told = [f"{check.id}: {check.rationale}" for check in found.checks if check.rationale]
            assert found.verdict is Verdict.ACCEPTED, "\n".join([path.name, *told])
