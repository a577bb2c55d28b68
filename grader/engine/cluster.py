"""Judging on many machines: the same jobs, sent to a dask cluster (extra `dask`).

Rules
- Nothing but dask's scheduler is asked where a job runs. Its workers have this very grader installed:
  version, Python, suites and isolation of each are checked first and refused in words if they differ,
  and every judgement is checked again when it comes back, for workers that join later.
- A dask worker judges in processes of its own, as this machine would (`process.WorkerProcess`), so
  what a submission does to its judge never reaches the cluster.
- A lost worker costs its jobs' time only: the scheduler gives them to another. Judging twice is
  harmless, since judgements are kept by what they are of.
- Jobs travel in bundles while there are many: a task costs a scheduler and a worker as much as a
  sixth of a judgement. What the cluster gives up in a bundle is sent once more, each job by itself.
"""

from __future__ import annotations

import concurrent.futures
import functools
import importlib
import itertools
import threading
import time
from collections import deque
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

from grader.engine.jobs import Job, Setup, local_versions
from grader.engine.local import Doubtful, Failed, Result, judge_with, settled
from grader.engine.process import WorkerProcess
from grader.engine.scheduler import Tls, connect
from grader.errors import BadInput, JudgeError, KataError
from grader.records import Isolation, Record

PATIENCE_S = 60.0
"""How long a cluster may be without any worker before the run gives up; what is done stays done."""
TURN_S = 1.0
AHEAD = 3
"""Bundles taken ahead for each thread of the cluster, so that none waits for us."""
BUNDLE = 4
"""Jobs in a bundle at most; fewer near the end of a class, so that all threads end together."""


class Described(Record, frozen=True):
    """What a worker says of itself."""

    grader: str
    python: str
    digests: dict[str, str]
    refusal: str = ""
    """Why it cannot judge at all."""


class DaskEngine:
    """Judges on the cluster whose scheduler is at `address`."""

    def __init__(self, setup: Setup, address: str, digests: dict[str, str], tls: Tls | None = None) -> None:
        """`digests`: slug: digest of the suite, which every worker must have too."""
        self.name = f"dask {address}"
        self._setup = setup
        self._address = address
        self._digests = digests
        self._tls = tls

    def run(self, jobs: Iterable[Job]) -> Generator[Result, None, None]:
        """As `Engine.run` says. BadInput for a cluster that cannot be reached or judges otherwise."""
        client = connect(self._address, self._tls)
        try:
            self._check(client)
            with client.get_executor(pure=False) as executor:
                yield from self._run(client, executor, jobs)
        finally:
            _quietly(client.run, end_processes, self._setup)
            client.close()

    def _check(self, client: Any) -> None:
        """Raises BadInput when the cluster is empty, or one of its workers would judge otherwise."""
        try:
            said = client.run(describe, self._setup, sorted(self._digests), on_error="return")
        except Exception as error:
            raise BadInput(f"The workers at {self._address} cannot be asked: {error}.") from None
        if not said:
            raise BadInput(f"The scheduler at {self._address} has no workers.", advice="Start `dask worker`.")
        for worker, described in sorted(said.items()):
            why = self._difference(described)
            if why:
                raise BadInput(
                    f"The dask worker {worker} {why}.",
                    advice="Install the same grader and katas there, on the same Python.",
                )

    def _difference(self, said: Any) -> str:
        if not isinstance(said, Described):
            return f"cannot judge: {type(said).__name__}: {said}"
        ours = local_versions()
        for what, there, here in (
            ("the grader", said.grader, ours.grader),
            ("Python", said.python, ours.python),
        ):
            if there != here:
                return f"has {what} {there}, and this run {here}"
        if said.refusal:
            return f"cannot judge: {said.refusal}"
        changed = [slug for slug, digest in self._digests.items() if said.digests.get(slug) != digest]
        return f"has another suite of {', '.join(changed)}" if changed else ""

    def _run(self, client: Any, executor: Any, jobs: Iterable[Job]) -> Generator[Result, None, None]:
        upcoming = _Upcoming(jobs)
        under_way: dict[concurrent.futures.Future[list[Result | Doubtful]], list[Job]] = {}
        doubtful: list[Doubtful] = []
        watch = _Watch(client)
        try:
            while True:
                room = AHEAD * max(watch.threads(), 1)
                while len(under_way) < room and (bundle := upcoming.next_bundle(room)):
                    under_way[executor.submit(judge_there, self._setup, bundle)] = bundle
                if not under_way:
                    break
                done, _ = concurrent.futures.wait(
                    under_way, TURN_S, return_when=concurrent.futures.FIRST_COMPLETED
                )
                for future in done:
                    results = upcoming.results(future, under_way.pop(future))
                    doubtful += [result for result in results if isinstance(result, Doubtful)]
                    yield from (result for result in results if not isinstance(result, Doubtful))
                watch.check(self._address)
            for first in doubtful:  # nobody else is judged now, on the whole cluster
                future = executor.submit(judge_there, self._setup, [first.job], anew=True)
                while not concurrent.futures.wait([future], TURN_S).done:
                    watch.check(self._address)
                (second,) = upcoming.results(future, [first.job])
                yield settled(first, second)
        finally:
            executor.shutdown(wait=False)  # cancels what is left


class _Upcoming:
    """The jobs that are still to be sent, and those that come back unjudged."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = iter(jobs)
        self._next: deque[Job] = deque()
        self._alone: deque[Job] = deque()
        """Jobs of a bundle that was given up: one of them may be to blame, and the others not."""

    def next_bundle(self, room: int) -> list[Job]:
        """Up to `BUNDLE` jobs, fewer when there are not that many for each of `room`; [] at the end."""
        if self._alone:
            return [self._alone.popleft()]
        self._next.extend(itertools.islice(self._jobs, max(0, room * BUNDLE - len(self._next))))
        size = max(1, min(BUNDLE, len(self._next) // room))
        return [self._next.popleft() for _ in range(min(size, len(self._next)))]

    def results(
        self, future: concurrent.futures.Future[list[Result | Doubtful]], bundle: list[Job]
    ) -> list[Result | Doubtful]:
        """The bundle's results; a single job that the cluster itself gave up is a failure of ours."""
        try:
            return future.result()
        except KataError:
            raise
        except Exception as error:  # killed with its worker too often, or lost: the next run tries again
            why = f"the cluster gave it up: {type(error).__name__}: {error}"
        except concurrent.futures.CancelledError:
            why = "the cluster cancelled it"
        if len(bundle) > 1:
            self._alone += bundle
            return []
        return [Failed(job=bundle[0], why=why)]


class _Watch:
    """Notices a cluster that is gone, which the futures themselves never say."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._last_seen = time.monotonic()
        self._asked_at = time.monotonic() - TURN_S
        self._threads = 0

    def threads(self) -> int:
        """Threads of all workers, as the scheduler said within the last second: to ask it costs it some."""
        now = time.monotonic()
        if now - self._asked_at >= TURN_S:
            self._asked_at = now
            workers = self._client.scheduler_info(n_workers=-1)["workers"]
            self._threads = sum(int(worker["nthreads"]) for worker in workers.values())
        return self._threads

    def check(self, address: str) -> None:
        """Raises JudgeError when there has been nobody to judge for long."""
        now = time.monotonic()
        if self._client.status == "running" and self.threads():
            self._last_seen = now
        elif now - self._last_seen > PATIENCE_S:
            raise JudgeError(
                f"The dask cluster at {address} has had no workers for {PATIENCE_S:.0f} s.",
                advice="What was judged is stored; run the same command again to go on.",
            )


def _quietly(act: Any, *args: Any) -> None:
    try:
        act(*args)
    except Exception:  # the cluster is gone, and with it what was to be cleaned up there
        return


# -- what runs on the workers ----------------------------------------------------------------------
_processes: dict[tuple[int, Setup], WorkerProcess] = {}
_processes_lock = threading.Lock()


def describe(setup: Setup, slugs: list[str]) -> Described:
    """What this dask worker would judge these katas with."""
    versions = local_versions()
    try:
        refusal, digests = _refusal(setup), _digests(setup, slugs)
    except KataError as error:
        refusal, digests = str(error), {}
    return Described(grader=versions.grader, python=versions.python, digests=digests, refusal=refusal)


def _digests(setup: Setup, slugs: list[str]) -> dict[str, str]:
    from grader.catalog import load_catalog

    catalog = load_catalog(
        Path(setup.katas) if setup.katas else None, Path(setup.suites) if setup.suites else None
    )
    module: Any = importlib.import_module(setup.judge.partition(":")[0])
    suite = Path(setup.suite) if setup.suite else None
    return {slug: module.suite_digest(catalog.find(slug), suite) for slug in slugs}


@functools.cache
def _refusal(setup: Setup) -> str:
    """Why this machine must not judge with this setup, or nothing. Asked once per worker."""
    from grader.guest.sandbox import probe

    if setup.isolation != "full":
        return ""
    reached = probe()
    return "" if reached.isolation is Isolation.FULL else f"not isolated fully: {'; '.join(reached.missing)}"


def judge_there(setup: Setup, bundle: list[Job], *, anew: bool = False) -> list[Result | Doubtful]:
    """Judges on this dask worker, in a warm process of the thread that calls; `anew` in a new one."""
    refusal = _refusal(setup)
    if refusal:
        why = f"a worker that joined later cannot judge: {refusal}"
        return [Failed(job=job, why=why) for job in bundle]
    key = (threading.get_ident(), setup)
    with _processes_lock:
        process = _processes.setdefault(key, WorkerProcess(setup))
    if anew:
        process.close()
    return [judge_with(process, job, given_up=lambda: key not in _processes) for job in bundle]


def end_processes(setup: Setup) -> None:
    """Ends this setup's judging processes on this dask worker."""
    with _processes_lock:
        ended = [_processes.pop(key) for key in list(_processes) if key[1] == setup]
    for process in ended:
        process.kill()
        process.close()
