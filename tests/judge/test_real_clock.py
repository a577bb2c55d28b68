"""The proof that the simulation is honest: the same suite on the real clock, over loopback sockets."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.judge import Judge, Options
from grader.records import Judgement, Kata, Submission, Verdict

SUITE = Path(__file__).parent / "tour" / "both_clocks.py"
ANSWERS = Path(__file__).parents[2] / "solutions" / "04_gather_readings"


def judged(kata: Kata, answer: str, clock: str) -> Judgement:
    with Judge(Options(suite=SUITE, clock=clock, isolation="none", explain=False)) as judge:
        return judge.judge(kata, Submission(source=(ANSWERS / answer).read_bytes(), filename="answer.py"))


@pytest.mark.real_clock
@pytest.mark.parametrize("clock", ["virtual", "real"])
@pytest.mark.parametrize("answer", ["accepted/gather.py", "rejected/awaited_in_a_loop.py"])
def test_both_clocks_come_to_the_same_verdicts(kata_4: Kata, clock: str, answer: str) -> None:
    judgement = judged(kata_4, answer, clock)
    verdicts = {check.id: check.verdict for check in judgement.checks}
    overlaps = Verdict.ACCEPTED if answer.startswith("accepted") else Verdict.NOT_CONCURRENT
    assert verdicts == {
        "test_readings_are_right": Verdict.ACCEPTED,
        "test_requests_overlap": overlaps,
        "test_a_port_is_served_once": Verdict.ACCEPTED,
        "test_errors_cross": Verdict.ACCEPTED,
        **({"test_over_a_slow_link": overlaps} if clock == "virtual" else {}),
    }


@pytest.mark.real_clock
def test_what_the_real_machine_lacks_is_left_out_and_never_passed(kata_4: Kata) -> None:
    for clock, is_there in (("virtual", True), ("real", False)):
        judgement = judged(kata_4, "accepted/gather.py", clock)
        assert ("test_over_a_slow_link" in {check.id for check in judgement.checks}) is is_there
