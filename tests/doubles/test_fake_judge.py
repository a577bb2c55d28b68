"""The double that stands in for the judge says what a judge says, as far as the batch looks."""

from __future__ import annotations

import pytest
from fake_judge import FakeJudge, Options, suite_digest
from school import make_kata

from grader.grading.keys import Key
from grader.records import Submission, Verdict

KATA = make_kata(4, "gather_readings", "read_all")


@pytest.mark.parametrize(
    ("source", "verdict"),
    [
        (b"# accept", Verdict.ACCEPTED),
        (b"# reject", Verdict.NOT_CONCURRENT),
        (b"\xff", Verdict.NOT_CONCURRENT),
    ],
)
def test_it_judges_by_the_first_line(source, verdict):
    """And its judgement names all that a key is made of."""
    submission = Submission(source=source, filename="a.py")
    with FakeJudge(Options(seed=3)) as judge:
        found = judge.judge(KATA, submission)
    assert found.verdict is verdict
    key = Key.of(found)
    assert (key.slug, key.sha256, key.seed) == (KATA.slug, submission.sha256, 3)
    assert key.suite_digest == suite_digest(KATA)


def test_it_breaks_when_told_to():
    """As a judge with a bug would."""
    with FakeJudge(Options()) as judge, pytest.raises(RuntimeError):
        judge.judge(KATA, Submission(source=b"# break", filename="a.py"))


def test_it_has_no_memory_when_told_to_and_then_has_some_again():
    """Raised, or said beside the judgement, as a judge that noticed it in a check."""
    with FakeJudge(Options()) as judge:
        with pytest.raises(MemoryError):
            judge.judge(KATA, Submission(source=b"# eat", filename="a.py"))
        judge.judge(KATA, Submission(source=b"# eat unnoticed", filename="a.py"))
        assert judge.out_of_memory
        judge.judge(KATA, Submission(source=b"# accept", filename="a.py"))
        assert not judge.out_of_memory


def test_it_tells_of_its_progress_and_takes_a_seed_of_the_jobs_own():
    told = []
    with FakeJudge(Options(seed=3)) as judge:
        judge.on_progress = lambda: told.append(1)
        found = judge.judge(KATA, Submission(source=b"# go on", filename="a.py"), seed=4)
    assert (found.accepted, found.seed, told) == (True, 4, [1])
