"""Where judging runs: on this machine, one process per core.

Rules
- A judging process that dies, hangs or runs out of memory costs its own job only: the others go on, and
  when they are done that job is tried once more, alone and in a new process. A process that is killed over
  it twice is the submission's limit; one that ends by itself, or breaks, is a JUDGE_ERROR of ours.
- What could not be judged since it slept for real, or the machine was too busy, is judged once more likewise.
- The thread that runs the engine is the only one that takes jobs and gives judgements out, so what
  feeds it and what stores from it may be bound to one thread (SQLite is).
- Only so many jobs are taken ahead that no process waits: memory does not grow with the class.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from typing import Protocol

import msgspec

from grader.engine.jobs import Job, Setup
from grader.engine.process import WorkerDiedError, WorkerProcess
from grader.errors import BadInput, JudgeError
from grader.records import Judgement, Record, Verdict


class Failed(Record, frozen=True):
    """A job that could not be judged, and why."""

    job: Job
    why: str
    counts_as: Verdict = Verdict.JUDGE_ERROR
    """Our error; or the limit that the submission has met, or STALLED, if it was killed over twice."""


Result = Judgement | Failed


class Doubtful(Record, frozen=True):
    """A first attempt that is no result yet: the job is to be judged once more, alone."""

    job: Job
    why: str = ""
    counts_as: Verdict | None = None
    """What a second attempt that is killed too counts as; None where it would be our error."""
    judgement: Judgement | None = None
    """What was said, though it could not be judged: STALLED."""


class Engine(Protocol):
    """Judges jobs somewhere. Results come in the order in which they are ready."""

    name: str

    def run(self, jobs: Iterable[Job]) -> Generator[Result, None, None]:
        """One result for each job. Raises BadInput or JudgeError when nothing can be judged at all.

        Closing the iterator ends all judging at once.
        """
        ...


def cores() -> tuple[int | None, ...]:
    """The cores that this process may use, each None where the system does not tell them apart."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return (None,) * (os.cpu_count() or 1)


class LocalPool:
    """One warm judging process per core of this machine."""

    name = "local"

    def __init__(self, setup: Setup, jobs: int | None = None) -> None:
        self._setup = setup
        usable = cores()
        self._count = len(usable) if jobs is None else jobs
        if self._count < 1:
            raise BadInput("--jobs must be 1 or more.")
        # A core each, unless there are more processes than cores.
        self._cores = usable if self._count <= len(usable) else (None,) * self._count

    def run(self, jobs: Iterable[Job]) -> Generator[Result, None, None]:
        """As `Engine.run` says."""
        waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        ready: queue.SimpleQueue[Result | Doubtful | Exception] = queue.SimpleQueue()
        crew: list[_Hand] = []
        upcoming, under_way = iter(jobs), 0
        doubtful: list[Doubtful] = []
        try:
            while True:
                while under_way < 2 * self._count and (job := next(upcoming, None)) is not None:
                    waiting.put(job)
                    under_way += 1
                    if len(crew) < min(self._count, under_way):
                        core = self._cores[len(crew)]
                        crew.append(_Hand(WorkerProcess(self._setup, core), waiting, ready))
                if not under_way:
                    break
                result = _next(ready)
                under_way -= 1
                if isinstance(result, Doubtful):
                    doubtful.append(result)
                else:
                    yield result
            _dismiss(crew, waiting)
            for first in doubtful:  # nobody else is judged now, and each has a new process
                crew.append(_Hand(WorkerProcess(self._setup, self._cores[0]), waiting, ready))
                waiting.put(first.job)
                yield settled(first, _next(ready))
                _dismiss(crew, waiting)
        except BaseException:  # also Ctrl-C, and a caller who wants no more
            for hand in crew:
                hand.stop()
            raise
        finally:
            _dismiss(crew, waiting)


def _dismiss(crew: list[_Hand], waiting: queue.SimpleQueue[Job | None]) -> None:
    """Have all of them end, with their processes."""
    for _ in crew:
        waiting.put(None)
    for hand in crew:
        hand.join()
    crew.clear()


def _next(ready: queue.SimpleQueue[Result | Doubtful | Exception]) -> Result | Doubtful:
    """Waits in short turns, since not every system lets Ctrl-C end a long one."""
    while True:
        try:
            result = ready.get(timeout=0.5)
        except queue.Empty:
            continue
        if isinstance(result, Exception):
            raise result
        return result


class _Hand(threading.Thread):
    """Passes jobs to one judging process, starting it again when it dies."""

    def __init__(
        self,
        worker: WorkerProcess,
        waiting: queue.SimpleQueue[Job | None],
        ready: queue.SimpleQueue[Result | Doubtful | Exception],
    ) -> None:
        super().__init__(daemon=True, name="kata-engine")
        self._waiting, self._ready = waiting, ready
        self._worker = worker
        self._stopped = False
        self.start()

    def run(self) -> None:
        with closing(self._worker):
            while (job := self._waiting.get()) is not None and not self._stopped:
                try:
                    self._ready.put(judge_with(self._worker, job, lambda: self._stopped))
                except Exception as error:  # nothing can be judged: the thread that waits is told
                    self._ready.put(error)
                    return

    def stop(self) -> None:
        """Ends the process at once, in the middle of a job if need be."""
        self._stopped = True
        self._worker.kill()


def try_suites(setup: Setup, slugs: Iterable[str]) -> dict[str, float]:
    """The points that there are to be had in these katas. Raises BadInput for a suite that cannot be run.

    Tried once, in a process that is thrown away, and not found out by every submission.
    """
    tried = tuple(sorted(set(slugs)))
    if not tried:
        return {}
    with closing(WorkerProcess(msgspec.structs.replace(setup, tried=tried))) as worker:
        worker.start()
        return dict(worker.versions.points) if worker.versions else {}


def judge_with(
    worker: WorkerProcess, job: Job, given_up: Callable[[], bool] = lambda: False
) -> Result | Doubtful:
    """The job's judgement, or why there is none yet.

    Raises BadInput or JudgeError when no process can be set up.
    """
    if not given_up() and not worker.alive:
        worker.start()  # what cannot be started ends the run, so it is not caught here
    if given_up():
        return Failed(job=job, why="the run was ended")
    try:
        judgement = worker.judge(job)
    except WorkerDiedError as error:
        worker.close()  # one that has run out of memory has not ended yet
        return Doubtful(job=job, why=f"the judging process died: {error}", counts_as=error.counts_as)
    except BadInput as error:
        return Failed(job=job, why=str(error))  # a suite that cannot be run: no use in trying again
    except JudgeError as error:
        worker.close()  # what broke once is not trusted with another submission
        return Doubtful(job=job, why=f"the judge broke: {error}")
    if judgement.verdict is Verdict.STALLED:
        return Doubtful(job=job, judgement=judgement)
    return judgement


def settled(first: Doubtful, second: Result | Doubtful) -> Result:
    """What two attempts come to, the second of which was made alone."""
    if not isinstance(second, Doubtful):
        return second
    if second.judgement is not None:
        return second.judgement
    if first.counts_as is None or second.counts_as is None:
        return Failed(job=second.job, why=second.why)
    return Failed(job=second.job, why=KILLED_TWICE[second.counts_as], counts_as=second.counts_as)


_TWICE = "It was judged twice, the second time alone."
KILLED_TWICE = {
    Verdict.TIME_LIMIT: "Looking at what your program hands over takes the judge too long: it was ended while"
    f" it was still busy. {_TWICE}",
    Verdict.MEMORY_LIMIT: "Looking at what your program hands over takes more memory than the judge has, and"
    f" ended it. {_TWICE}",
    Verdict.STALLED: "The judge waited for your program, or for its turn on this machine, until it was ended,"
    f" so this could not be judged. {_TWICE}",
}
