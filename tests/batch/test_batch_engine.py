"""Judging processes may die, hang, break or talk: each costs its own job and no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from school import job

from grader.batch.engine import Failed, LocalPool, judge_with
from grader.batch.jobs import Setup
from grader.batch.process import WorkerDiedError, WorkerProcess
from grader.errors import BadInput, JudgeError
from grader.records import Judgement, Verdict

HERE = Path(__file__).parent


@pytest.fixture
def setup(school_katas: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    """The fake judge over a catalogue of two katas on disk."""
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    return Setup(seed=5, katas=str(school_katas), judge="fake_judge:FakeJudge")


def verdicts(pool: LocalPool, sources: list[str]) -> dict[str, str]:
    """Source: the verdict's name, or why there is none."""
    jobs = [job(source) for source in sources]
    by_hash = {item.sha256: item.source.decode() for item in jobs}
    found = {}
    for result in pool.run(jobs):
        if isinstance(result, Failed):
            found[result.job.source.decode()] = result.why
        else:
            found[by_hash[result.submission_sha256]] = result.verdict.value
    return found


def test_every_job_gets_its_own_judgement_whatever_the_others_do(setup, tmp_path):
    """Dying, breaking and printing beside honest submissions, on two processes."""
    sources = [f"# accept\n# {number}" for number in range(6)]
    once = f"# die once {tmp_path / 'note'}"
    found = verdicts(
        LocalPool(setup, 2),
        [*sources[:2], "# die", *sources[2:4], "# break", once, "# print", *sources[4:], "# no"],
    )
    assert {found[source] for source in sources} == {"ACCEPTED"}
    assert found["# no"] == "NOT_CONCURRENT"
    assert found[once] == "ACCEPTED", "one death is forgiven"
    assert found["# print"] == "ACCEPTED", "what suites print is not taken for an answer"
    assert found["# die"] == "the judging process died: ended with code 7"
    assert found["# break"] == "the judge broke: RuntimeError: the suite is broken"


def test_the_seed_and_the_submission_reach_the_judge(setup):
    """And the judgement says so of itself."""
    (result,) = LocalPool(setup, 1).run([job("# accept")])
    assert isinstance(result, Judgement)
    assert (result.seed, result.submission_sha256) == (5, job("# accept").sha256)


@pytest.mark.real_clock
def test_a_judge_that_hangs_is_ended_by_the_belt(setup):
    """The last resort, should the judge's own limits ever fail."""
    with_belt = WorkerProcess(setup)
    result = judge_with(with_belt, job("# hang", deadline_s=0.2))
    with_belt.close()
    assert isinstance(result, Failed)
    assert result.why == "the judging process died: no answer within 0 s"


def test_a_judge_that_cannot_be_set_up_ends_the_run_with_its_words(setup, monkeypatch):
    """No job is blamed for it."""
    monkeypatch.setenv("FAKE_JUDGE_REFUSES", "1")
    with pytest.raises(BadInput, match=r"The fake judge refuses\. Ask another\."):
        list(LocalPool(setup, 2).run([job("# accept")]))
    monkeypatch.delenv("FAKE_JUDGE_REFUSES")
    with pytest.raises(
        JudgeError, match="could not start: ended with code 1; its last words: ModuleNotFound"
    ):
        list(LocalPool(Setup(seed=1, judge="no_such_module:Judge"), 1).run([job("# accept")]))


def test_closing_the_iterator_ends_processes_in_the_middle_of_a_job(setup):
    """As Ctrl-C does: nothing is waited for."""
    results = LocalPool(setup, 2).run([job("# accept"), job("# hang"), job("# hang ")])
    assert isinstance(next(results), Judgement)
    results.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "kata-engine"]


def test_a_judge_is_left_in_order_when_the_jobs_are_done(setup, monkeypatch, tmp_path):
    """So that a real one can end its zygote."""
    monkeypatch.setenv("FAKE_JUDGE_LEFT", str(tmp_path / "left"))
    list(LocalPool(setup, 1).run([job("# accept")]))
    assert (tmp_path / "left").read_text() == "in order"


def test_no_more_processes_are_started_than_there_are_jobs(setup, monkeypatch):
    """And none for no jobs."""
    started = []
    monkeypatch.setattr(WorkerProcess, "start", lambda self: started.append(self) or _never(self))
    assert list(LocalPool(setup, 8).run([])) == []
    assert not started


def _never(worker: WorkerProcess) -> None:
    raise AssertionError("no process was needed")


def test_only_so_many_jobs_are_taken_ahead(setup):
    """Sources of a large class are not all in memory at once."""
    taken = []

    def feed():
        for number in range(40):
            taken.append(number)
            yield job(f"# accept\n# {number}")

    results = LocalPool(setup, 2).run(feed())
    next(results)
    assert len(taken) <= 5
    assert len(list(results)) == 39


@pytest.mark.parametrize("count", [0, -1])
def test_a_number_of_jobs_below_one_is_refused(setup, count):
    """`0` would be taken for the default otherwise."""
    with pytest.raises(BadInput, match="--jobs"):
        LocalPool(setup, count)


@pytest.mark.skipif(os.name != "posix", reason="signals are of this kind on POSIX only")
def test_a_process_killed_from_outside_costs_one_attempt(setup):
    """As the kernel does when memory runs out."""
    worker = WorkerProcess(setup)
    worker.start()
    os.kill(worker._process.pid, signal.SIGKILL)
    with pytest.raises(WorkerDiedError, match="ended by signal 9"):
        worker.judge(job("# accept"))
    assert isinstance(judge_with(worker, job("# accept")), Judgement)
    worker.close()


@pytest.mark.skipif(os.name != "posix", reason="signals are of this kind on POSIX only")
def test_an_interrupt_is_for_the_run_and_not_for_its_processes(setup):
    worker = WorkerProcess(setup)
    worker.start()
    os.kill(worker._process.pid, signal.SIGINT)
    assert worker.judge(job("# accept")).verdict is Verdict.ACCEPTED
    worker.close()


def test_a_worker_does_not_import_from_the_folder_it_is_started_in(setup, tmp_path):
    """An instructor in a folder of submissions must not run a student's `asyncio.py`."""
    (tmp_path / "asyncio.py").write_text("raise SystemExit('a student was run')")
    (tmp_path / "msgspec.py").write_text("raise SystemExit('a student was run')")
    ended = subprocess.run(
        [sys.executable, "-P", "-c", _START, setup.katas],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent.parent), str(HERE)])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("started\n", "")


_START = """
import sys
from grader.batch.jobs import Setup
from grader.batch.process import WorkerProcess
worker = WorkerProcess(Setup(seed=1, katas=sys.argv[1], judge="fake_judge:FakeJudge"))
worker.start()
worker.close()
print("started")
"""


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="this system does not bind processes to cores"
)
def test_each_process_has_a_core_of_its_own_as_long_as_there_are_enough(setup):
    """Judge and guest take turns: on one core that is cheap, on two it is slow."""
    (first, *_) = sorted(os.sched_getaffinity(0))
    worker = WorkerProcess(setup, first)
    worker.start()
    assert os.sched_getaffinity(worker._process.pid) == {first}
    worker.close()
    crowd = LocalPool(setup, len(os.sched_getaffinity(0)) + 1)
    assert set(crowd._cores) == {None}
