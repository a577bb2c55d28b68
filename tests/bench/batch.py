"""Grading a class: submissions per second, what a second core brings, memory, reruns, a cluster."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from grader.engine.cluster import DaskEngine
from grader.engine.jobs import Job, Setup
from grader.engine.local import Engine, LocalPool
from grader.grading.plan import BELT_S
from grader.judge import suite_digest
from grader.records import Judgement, Submission
from tests.bench.one_kata import ANSWERS, KATA, ROOT
from tests.bench.table import Row, at_least, at_most, timed

CLASS = 500
SETUP = Setup(seed=1, isolation="full")
SOURCES = sorted([*ANSWERS.glob("accepted/*.py"), *ANSWERS.glob("rejected/*.py")])


def sources(count: int, answers: Sequence[Path] = SOURCES) -> Iterator[bytes]:
    """Every answer in turn, each made unlike all others."""
    for number in range(count):
        yield answers[number % len(answers)].read_bytes() + f"\n# submission {number}\n".encode()


def jobs(count: int, answers: Sequence[Path] = SOURCES) -> Iterator[Job]:
    for source in sources(count, answers):
        made = Submission(source=source, filename="solution.py")
        yield Job(
            slug=KATA.slug, sha256=made.sha256, source=source, filename=made.filename, deadline_s=BELT_S * 10
        )


def rate(engine: Engine, count: int, answers: Sequence[Path] = SOURCES) -> float:
    """Submissions per second, the start of the processes not counted: a class is long."""
    results = engine.run(jobs(count + 8, answers))
    for _ in range(8):
        next(results)
    start = time.perf_counter()
    judged = sum(isinstance(result, Judgement) for result in results)
    assert judged == count, "not all was judged"
    return count / (time.perf_counter() - start)


def loop_of_pytest(count: int = len(SOURCES)) -> float:
    """Submissions per second, each answer once, of a process of pytest each, without isolation."""
    command = [sys.executable, "-m", "grader", "check", "4", "--pytest", "--isolation", "none", "--file"]
    with tempfile.TemporaryDirectory() as folder:
        files = list(_laid_out(Path(folder), count))

        def loop() -> None:
            for file in files:
                subprocess.run([*command, str(file)], cwd=ROOT, capture_output=True, check=False)

        loop()
        return count / timed(loop)


def over_a_loop_of_pytest(pairs: int = 3) -> float:
    """The pool's rate over the loop's: median of pairs, for a machine's speed drifts."""
    return statistics.median(rate(LocalPool(SETUP, 2), 100) / loop_of_pytest() for _ in range(pairs))


def _laid_out(folder: Path, count: int) -> Iterator[Path]:
    for number, source in enumerate(sources(count)):
        file = folder / f"s{number:04d}" / "04_gather_readings.py"
        file.parent.mkdir(parents=True)
        file.write_bytes(source)
        yield file


# -- the whole command -----------------------------------------------------------------------------
def grade(folder: Path, *options: str) -> tuple[float, float]:
    """(wall seconds, peak MB of the run and all its processes, shared pages counted once)."""
    command = [sys.executable, "-m", "grader", "grade", str(folder / "class"), "--kata", "4", "--out"]
    start = time.perf_counter()
    with subprocess.Popen(
        [*command, str(folder / "out"), *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as run:
        peak = _Peak(run.pid)
        assert run.wait() == 0, "kata grade failed"
    return time.perf_counter() - start, peak.megabytes()


class _Peak(threading.Thread):
    """Watches the memory of a process and of all below it, ten times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._highest = 0
        self.start()

    def run(self) -> None:
        while True:
            seen = sum(_pss_kb(pid) for pid in _tree(self._pid))
            if not seen:
                return
            self._highest = max(self._highest, seen)
            time.sleep(0.1)

    def megabytes(self) -> float:
        self.join()
        return self._highest / 1024


def _tree(pid: int) -> Iterable[int]:
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _pss_kb(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def rerun_and_memory() -> Iterator[Row]:
    """A class of 500 once more; peak memory of 2,000 beside that of 100."""
    peaks = {}
    for count in (100, CLASS, 2000):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            list(_laid_out(folder / "class", count))
            _, peaks[count] = grade(folder)
            if count == CLASS:
                seconds, _ = grade(folder)
                yield at_most(f"rerun of an unchanged class of {CLASS}", seconds, 1, "s")
    yield at_most("peak memory, 2,000 submissions over 100", peaks[2000] / peaks[100], 1.2, "x")
    yield Row("peak memory of 2,000 submissions", f"{peaks[2000]:.0f} MB", "", None)


# -- a cluster -------------------------------------------------------------------------------------
def cluster_rate(count: int) -> float:
    """Submissions per second on two dask workers of this machine."""
    with ExitStack() as stack:
        address = f"tcp://127.0.0.1:{_start(stack, 'scheduler', '--port', '0', '--no-dashboard')}"
        for _ in range(2):
            _start(stack, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        engine = DaskEngine(SETUP, address, {KATA.slug: suite_digest(KATA)})
        return rate(engine, count)


def _start(stack: ExitStack, what: str, *arguments: str) -> str:
    """Starts a dask process and waits until it serves. The port that it serves at."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{what}", "--host", "127.0.0.1", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    assert process.stdout is not None
    for line in process.stdout:
        if "Scheduler at:" in line or "Registered to" in line:
            return line.strip().rsplit(":", 1)[1]
    raise AssertionError(f"dask {what} did not start")


def rows() -> Iterator[Row]:
    two, one = rate(LocalPool(SETUP, 2), CLASS), rate(LocalPool(SETUP, 1), CLASS // 3)
    yield at_least(f"{CLASS} submissions x kata 4, full isolation, two cores", two, 20, "per s", 1)
    right = [source for source in SOURCES if source.parent.name == "accepted"]
    only_right = rate(LocalPool(SETUP, 2), CLASS, right)
    yield Row("the same with right answers only", f"{only_right:.1f} per s", "", None)
    yield at_least(
        "the same over a loop of pytest processes, no isolation", over_a_loop_of_pytest(), 8, "x", 1
    )
    yield at_least("two cores over one", two / one, 1.7, "x")
    yield at_least("a cluster of two workers over two local processes", cluster_rate(CLASS) / two, 0.8, "x")
    yield from rerun_and_memory()
