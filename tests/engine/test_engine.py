"""Judging processes may die, hang, break or talk: each costs its own job and no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from school import job

from grader.engine.jobs import Setup
from grader.engine.local import Doubtful, Failed, LocalPool, judge_with, settled
from grader.engine.process import WorkerDiedError, WorkerProcess
from grader.engine.watchdog import Bound, Watchdog, cpu_of
from grader.errors import BadInput, JudgeError
from grader.records import Judgement, Verdict

ROOT = Path(__file__).parents[2]
DOUBLES = ROOT / "tests" / "doubles"


@pytest.fixture
def setup(school_katas: Path, monkeypatch: pytest.MonkeyPatch) -> Setup:
    """The fake judge over a catalogue of two katas on disk."""
    monkeypatch.setenv("PYTHONPATH", str(DOUBLES))
    return Setup(seed=5, katas=str(school_katas), judge="fake_judge:FakeJudge")


def verdicts(pool: LocalPool, sources: list[str]) -> dict[str, str]:
    """Source: the verdict's name, or why there is none."""
    jobs = [job(source) for source in sources]
    by_hash = {item.sha256: item.source.decode() for item in jobs}
    found = {}
    for result in pool.run(jobs):
        if isinstance(result, Failed):
            ours = result.counts_as is Verdict.JUDGE_ERROR
            found[result.job.source.decode()] = result.why if ours else result.counts_as.value
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


@pytest.mark.skipif(os.name != "posix", reason="signals are of this kind on POSIX only")
def test_a_submission_over_which_the_judge_is_killed_twice_has_met_a_limit(setup, tmp_path):
    """And costs nobody else a judgement, however often it takes the process away."""
    honest = [f"# accept\n# {number}" for number in range(8)]
    once = f"# kill once {tmp_path / 'note'}"
    hostile = ["# kill", "# crash", "# eat", "# eat unnoticed"]
    found = verdicts(LocalPool(setup, 2), [*hostile[:2], *honest[:4], once, *hostile[2:], *honest[4:]])
    assert {found[source] for source in honest} == {"ACCEPTED"}
    assert found[once] == "ACCEPTED", "one kill says nothing"
    assert {found[source] for source in hostile} == {"MEMORY_LIMIT"}


def test_a_limit_that_killed_the_judge_is_told_in_words_of_its_own(setup):
    """Without signals, times and what the process said last: the words are the same on every machine."""
    (failed,) = LocalPool(setup, 1).run([job("# kill")])
    assert failed.why == (
        "Looking at what your program hands over takes more memory than the judge has, and ended it."
        " It was judged twice, the second time alone."
    )


def test_the_second_attempt_is_made_alone(setup, monkeypatch, tmp_path):
    """When all others are judged: so that it is not their doing."""
    diary = tmp_path / "diary"
    monkeypatch.setenv("FAKE_JUDGE_DIARY", str(diary))
    sources = ["# kill", "# crash", *(f"# accept\n# {number}" for number in range(10))]
    list(LocalPool(setup, 2).run([job(source) for source in sources]))
    lines = diary.read_text().splitlines()
    assert lines.count("end accept") == 10
    assert sorted(lines[-2:]) == ["begin crash", "begin kill"]
    assert lines.count("begin kill") == lines.count("begin crash") == 2


def test_what_is_killed_once_and_broken_once_is_our_error(setup):
    """Only a kill that happens twice is the submission's."""
    killed = Doubtful(job=job("# kill"), why="killed", counts_as=Verdict.MEMORY_LIMIT)
    broken = Doubtful(job=job("# kill"), why="the judge broke")
    for first, second in ((killed, broken), (broken, killed)):
        result = settled(first, second)
        assert (result.counts_as, result.why) == (Verdict.JUDGE_ERROR, second.why)


def test_what_could_not_be_judged_is_judged_once_more_alone(setup, monkeypatch, tmp_path):
    """STALLED may be a machine that was too busy; said again, it stays."""
    monkeypatch.setenv("FAKE_JUDGE_DIARY", str(tmp_path / "diary"))
    monkeypatch.setenv("FAKE_JUDGE_STALLS", "1")
    assert verdicts(LocalPool(setup, 2), ["# reject", "# accept"]) == {
        "# reject": "STALLED",
        "# accept": "ACCEPTED",
    }
    assert (tmp_path / "diary").read_text().count("begin reject") == 2


# -- watched from outside --------------------------------------------------------------------------
class Hourglass:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._waits: set[float] = set()
        self._turned = threading.Condition()

    def now_s(self) -> float:
        return self._now_s

    def wait(self, over: threading.Event, seconds: float) -> bool:
        with self._turned:
            until_s = self._now_s + seconds
            self._waits.add(seconds)
            self._turned.notify_all()
            while self._now_s < until_s and not over.is_set():
                self._turned.wait(0.01)
        return over.is_set()

    def somebody_waits(self, seconds: float) -> None:
        """Return when somebody has begun to wait so long."""
        with self._turned:
            assert self._turned.wait_for(lambda: seconds in self._waits, 60)

    def turn(self, seconds: float) -> None:
        with self._turned:
            self._now_s += seconds
            self._turned.notify_all()


def first_attempt(setup: Setup, source: str, before: Callable[[WorkerProcess], None]) -> Doubtful:
    """What comes of a job that ends by the watchdog only; `before` a minute has passed, that is done."""
    clock = Hourglass()
    worker = WorkerProcess(setup, clock=clock)
    worker.start()
    found = []
    judging = threading.Thread(target=lambda: found.append(judge_with(worker, job(source, deadline_s=600))))
    judging.start()
    clock.somebody_waits(setup.patience_s)
    before(worker)
    clock.turn(setup.patience_s - 1)
    assert worker.alive
    clock.turn(2)
    judging.join(60)
    worker.close()
    return found[0]


def test_a_judge_that_sleeps_for_a_minute_is_ended_and_that_is_no_verdict(setup):
    """The machine may have given it no turn."""
    found = first_attempt(setup, "# hang", lambda worker: None)
    assert (found.why, found.counts_as) == (
        "the judging process died: no progress within 60 s",
        Verdict.STALLED,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say what a process has done")
def test_a_judge_that_is_at_work_for_a_minute_is_ended_for_the_time_it_takes(setup):
    """Its own CPU time says so."""

    def until_it_has_worked(worker: WorkerProcess) -> None:
        begun_s = cpu_of(worker._process.pid)
        while cpu_of(worker._process.pid) < begun_s + 0.5:
            time.sleep(0.01)

    impatient = msgspec.structs.replace(setup, patience_s=2.0)
    assert first_attempt(impatient, "# spin", until_it_has_worked).counts_as is Verdict.TIME_LIMIT


def test_progress_gives_a_process_another_minute():
    """And the answer itself has a bound that nothing renews."""
    clock, ended = Hourglass(), threading.Event()
    answer, progress = (Bound(name, length, clock, lambda: 0.0) for name, length in (("a", 100), ("p", 60)))
    watchdog = Watchdog([answer, progress], ended.set, clock)
    clock.turn(50)
    progress.renew()
    clock.turn(45)
    assert not ended.is_set()
    progress.renew()
    clock.turn(10)
    assert ended.wait(60)
    assert watchdog.expired is answer


def test_a_watchdog_that_is_called_off_ends_nothing():
    """As when the answer has come."""
    clock, ended = Hourglass(), threading.Event()
    watchdog = Watchdog([Bound("a", 10, clock, lambda: 0.0)], ended.set, clock)
    watchdog.call_off()
    watchdog.join(60)
    clock.turn(100)
    assert not ended.is_set()


def test_a_worker_tells_of_its_progress_before_it_answers(setup):
    """Which is no answer."""
    worker = WorkerProcess(setup)
    assert isinstance(judge_with(worker, job("# go on")), Judgement)
    worker.close()


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
def test_a_judging_process_has_a_bounded_address_space_and_its_guests_have_their_own(setup):
    """The hard limit stays: a kata may give its guests more."""
    resource = pytest.importorskip("resource")
    worker = WorkerProcess(msgspec.structs.replace(setup, memory_mb=700))
    worker.start()
    soft, hard = resource.prlimit(worker._process.pid, resource.RLIMIT_AS)
    worker.close()
    assert (soft, hard) == (700 << 20, resource.getrlimit(resource.RLIMIT_AS)[1])


@pytest.mark.real_clock
def test_a_judge_that_hangs_is_ended_by_the_belt(setup):
    """The last resort, should the judge's own limits ever fail."""
    with_belt = WorkerProcess(setup)
    result = judge_with(with_belt, job("# hang", deadline_s=0.2))
    with_belt.close()
    assert isinstance(result, Doubtful)
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
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(DOUBLES)])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.stdout, ended.stderr) == ("started\n", "")


_START = """
import sys
from grader.engine.jobs import Setup
from grader.engine.process import WorkerProcess
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
