"""Instructors' own suites: read where they lie, whatever they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.judge import Judge, Options
from grader.records import Kata, Submission

NOTHING = Submission(source=b"x = 1\n", filename="solution.py")


def test_two_suites_of_one_name_are_two_suites(kata_4: Kata, tmp_path: Path) -> None:
    """Open at the same time, in one process."""
    for name in ("monday", "friday"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "suite.py").write_text(f"async def test_{name}(kata):\n    pass\n")
    with (
        Judge(Options(suite=tmp_path / "monday" / "suite.py")) as first,
        Judge(Options(suite=tmp_path / "friday" / "suite.py")) as second,
    ):
        seen = [one.judge(kata_4, NOTHING).checks[0].id for one in (first, second, first)]
    assert seen == ["test_monday", "test_friday", "test_monday"]


def test_a_judge_writes_nothing_beside_a_suite(kata_4: Kata, tmp_path: Path) -> None:
    (tmp_path / "suite.py").write_text("import extra\nasync def test_it(kata):\n    assert extra.FINE\n")
    (tmp_path / "extra.py").write_text("FINE = True\n")
    with pytest.MonkeyPatch.context() as patch, Judge(Options(suite=tmp_path / "suite.py")) as judge:
        patch.syspath_prepend(str(tmp_path))
        judgement = judge.judge(kata_4, NOTHING)
    assert judgement.accepted, judgement.checks
    assert sorted(file.name for file in tmp_path.iterdir()) == ["extra.py", "suite.py"]
