"""One judging process: a warm judge that takes jobs on stdin and answers on what was stdout.

Started by `process.WorkerProcess` as `python -P -m grader.engine.worker [CORE]`. It is as trusted as the run
that started it; submissions run one process further down. What suites print goes to stderr, so the
channel of answers is its own. It ends when its stdin does.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import math
import os
import signal
import sys
import time
from pathlib import Path
from typing import IO, Any

import msgspec

from grader.engine.jobs import (
    PROGRESS_S,
    Answer,
    Broken,
    Job,
    Judged,
    Progress,
    Setup,
    local_versions,
    read_record,
    write_record,
)
from grader.errors import BadInput, KataError
from grader.records import Submission

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main(core: int | None = None) -> None:
    """Serves until the other end closes, on this core alone if one is given.

    Judge and guest take turns, so a second core only makes each turn a slow wake-up across cores.
    """
    _end_with_the_run()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The run's to act on; and asyncio leaves it alone then.
    if core is not None:
        os.sched_setaffinity(0, {core})
    jobs, answers = _take_the_pipes()
    first = read_record(jobs)
    if first is None:
        return
    try:
        setup = msgspec.msgpack.decode(first, type=Setup)
        judge, catalog = _judge(setup), _catalog(setup)
        points = _try_suites(setup, catalog)
    except KataError as error:
        write_record(answers, Broken(why=str(error), callers_fault=isinstance(error, BadInput)))
        return
    limit_memory(setup.memory_mb)
    judge.on_progress = _Teller(answers).tell
    with judge:
        write_record(answers, msgspec.structs.replace(local_versions(), points=points))
        while (frame := read_record(jobs)) is not None:
            _serve(answers, judge, catalog, msgspec.msgpack.decode(frame, type=Job))


class _Teller:
    """Tells the run that its job goes on, now and then: whoever hears nothing for long ends this process."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._told_at_s = -math.inf

    def tell(self) -> None:
        now_s = time.monotonic()
        if now_s - self._told_at_s >= PROGRESS_S:
            self._told_at_s = now_s
            write_record(self._answers, Progress())


def limit_memory(memory_mb: int) -> None:
    """Have this process's memory end before the machine's does, where the system has such a limit.

    The hard limit stays, so that guests may have more if their kata says so.
    """
    if sys.platform == "win32":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = memory_mb * 1024 * 1024
    with contextlib.suppress(OSError, ValueError):  # macOS has the name and refuses the call
        resource.setrlimit(
            resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard)
        )


def _end_with_the_run() -> None:
    """Asks Linux to end this process with the thread that started it, also in the middle of a job.

    Elsewhere it ends when the job does, for then it finds its pipes closed.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _take_the_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """stdin and stdout for ourselves; whoever else reads or prints gets nothing and stderr."""
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return jobs, answers


def _judge(setup: Setup) -> Any:
    """The judge of this setup, found by name and imported here, where it runs, and not in the run."""
    module, _, name = setup.judge.partition(":")
    found: Any = importlib.import_module(module)
    suite = Path(setup.suite) if setup.suite else None
    options = found.Options(seed=setup.seed, isolation=setup.isolation, suite=suite, explain=setup.explain)
    if setup.stop_at_failure:
        options = msgspec.structs.replace(options, stop_at_failure=True)
    return getattr(found, name)(options)


def _catalog(setup: Setup) -> Any:
    from grader.catalog import load_catalog

    return load_catalog(
        Path(setup.katas) if setup.katas else None, Path(setup.suites) if setup.suites else None
    )


def _try_suites(setup: Setup, catalog: Any) -> dict[str, float]:
    """The points of each. Raises BadInput, in a line, for a suite that no submission could be judged by."""
    points: dict[str, float] = {}
    module: Any = importlib.import_module(setup.judge.partition(":")[0])
    for slug in setup.tried:
        path = Path(setup.suite) if setup.suite else catalog.find(slug).suite
        fault, points[slug] = module.try_suite(path)
        if fault:
            raise BadInput(f"The suite {path} cannot be run: {fault}.", advice="Nothing was judged.")
    return points


def _serve(answers: IO[bytes], judge: Any, catalog: Any, job: Job) -> None:
    try:
        write_record(answers, _answer(judge, catalog, job))
    except MemoryError:  # what there is to say is too large to be put into a frame
        write_record(answers, _NO_MEMORY)


_NO_MEMORY = Broken(why="it ran out of memory", out_of_memory=True)


def _answer(judge: Any, catalog: Any, job: Job) -> Answer:
    try:
        submission = Submission(source=job.source, filename=job.filename)
        only = {"checks": job.checks} if job.checks else {}
        judgement = judge.judge(catalog.find(job.slug), submission, seed=job.seed, **only)
        return Judged(judgement=judgement, out_of_memory=judge.out_of_memory)
    except MemoryError:
        return _NO_MEMORY
    except KataError as error:
        return Broken(why=str(error), callers_fault=isinstance(error, BadInput))
    except Exception as error:  # a bug of the judge costs this job and no other
        return Broken(why=f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    except BrokenPipeError:  # the run has ended; nobody is left to tell
        sys.exit(0)
