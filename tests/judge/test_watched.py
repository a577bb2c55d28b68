"""What a judge says of itself to whoever watches it: that it goes on, and that it had no memory left."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.judge import Judge, Options
from grader.records import Kata, Submission, Verdict

SUITE = """
from grader.testing import explore

async def test_one(kata):
    if await kata.call("read_all", []) == "eat":
        raise ERROR

@explore(seeds=3)
async def test_three(kata):
    pass
"""


def judged(kata: Kata, suite: Path, answer: str) -> tuple[Verdict, bool, int]:
    told: list[int] = []
    source = f"async def read_all(names):\n    return {answer!r}\n".encode()
    with Judge(Options(suite=suite, explain=False)) as judge:
        judge.on_progress = lambda: told.append(1)
        judgement = judge.judge(kata, Submission(source=source, filename="solution.py"))
        return judgement.verdict, judge.out_of_memory, len(told)


def test_a_judge_tells_of_every_check_and_of_every_seed(kata_4: Kata, tmp_path: Path) -> None:
    """So that a check which explores for long is not taken for one that hangs."""
    suite = tmp_path / "suite.py"
    suite.write_text(SUITE)
    verdict, _, told = judged(kata_4, suite, "well")
    assert verdict is Verdict.ACCEPTED
    assert told >= 4


@pytest.mark.parametrize(
    ("error", "is_said"),
    [("MemoryError", True), ("ExceptionGroup('', [MemoryError()])", True), ("ValueError", False)],
)
def test_a_judge_without_memory_blames_the_answer_and_says_so_of_itself(
    kata_4: Kata, tmp_path: Path, error: str, is_said: bool
) -> None:
    """Its owner then judges once more, in another process; what else is raised is the suite's error."""
    suite = tmp_path / "suite.py"
    suite.write_text(SUITE.replace("ERROR", error))
    verdict, said, _ = judged(kata_4, suite, "eat")
    assert said is is_said
    assert (verdict is Verdict.MEMORY_LIMIT) is is_said


def test_a_guest_without_memory_says_nothing_of_the_judge(kata_4: Kata, tmp_path: Path) -> None:
    """Its error comes over the wire by name."""
    source = b"async def read_all(names):\n    raise MemoryError\n"
    with Judge(Options(explain=False)) as judge:
        judgement = judge.judge(kata_4, Submission(source=source, filename="solution.py"))
        assert (judgement.verdict, judge.out_of_memory) == (Verdict.MEMORY_LIMIT, False)
