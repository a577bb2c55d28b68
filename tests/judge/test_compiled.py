"""A submission is compiled by its first guest, for all of them: nothing that it does can change that."""

from __future__ import annotations

import marshal
from pathlib import Path

import pytest

from grader.judge import Judge, Options
from grader.judge.run import Run
from grader.records import Kata, Submission, Verdict

SUITE = """
from grader.testing import assert_equal

async def test_one(kata):
    assert_equal(await kata.call("answer"), 1, "The answer")

async def test_two(kata):
    assert_equal(await kata.call("answer"), 1, "The answer")
"""
FORGES = """
import marshal, sys
from grader import wire

async def answer():
    return 2

better = compile("async def answer(): return 1", "solution.py", "exec")
loader = sys._getframe(1).f_locals["self"]
loader.link.act(wire.Compiled(marshal.dumps(better)))
"""
WARNS = 'async def answer():\n    return 1 if 1 is 1 else "\\d"\n'


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[bytes | None]:
    """What each run kept, once for every guest that said something."""
    said: list[bytes | None] = []
    stock = Run.keep_code

    def keep_code(self: Run, code: bytes, *, was_silent: bool) -> None:
        stock(self, code, was_silent=was_silent)
        said.append(self.code)

    monkeypatch.setattr(Run, "keep_code", keep_code)
    return said


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    suite = tmp_path / "suite.py"
    suite.write_text(SUITE)
    return Judge(Options(suite=suite))


def submission(source: str) -> Submission:
    return Submission(source=source.encode(), filename="solution.py")


def test_one_guest_compiles_for_all(judge: Judge, kata_4: Kata, kept: list[bytes | None]) -> None:
    with judge:
        made = judge.judge(kata_4, submission("async def answer():\n    return 1\n"))
    assert [check.verdict for check in made.checks] == [Verdict.ACCEPTED, Verdict.ACCEPTED]
    assert len(kept) == 1, "the second guest was given what the first had said"
    assert marshal.loads(kept[0] or b"").co_filename == "solution.py"


def test_code_that_a_running_submission_sends_is_not_believed(
    judge: Judge, kata_4: Kata, kept: list[bytes | None]
) -> None:
    with judge:
        made = judge.judge(kata_4, submission(FORGES))
    assert [check.verdict for check in made.checks] == [Verdict.WRONG_ANSWER, Verdict.WRONG_ANSWER]
    assert len(kept) == 3, "its own, and what each of the two guests forged"
    assert len(set(kept)) == 1


def test_a_compiler_with_warnings_prints_them_in_every_check(
    judge: Judge, kata_4: Kata, kept: list[bytes | None]
) -> None:
    with judge:
        made = judge.judge(kata_4, submission(WARNS))
    assert all("SyntaxWarning" in check.output for check in made.checks)
    assert kept == [b"", b""]


def test_a_line_in_shared_code_is_named_as_ever(judge: Judge, kata_4: Kata) -> None:
    with judge:
        made = judge.judge(kata_4, submission("async def answer():\n    x = 1\n    return x / 0\n"))
    assert [check.line for check in made.checks] == [3, 3]
