"""A judging process as its owner sees it: start, judge, be told when it died."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

import msgspec

import grader
from grader.engine.jobs import (
    Answer,
    Broken,
    Job,
    Judged,
    Progress,
    Setup,
    Versions,
    read_record,
    write_record,
)
from grader.engine.watchdog import Bound, Clock, RealClock, Watchdog, cpu_of
from grader.errors import BadInput, JudgeError
from grader.records import Judgement, Verdict

STARTING_S = 120.0
CLOSING_S = 2.0
_END_TREE = ("taskkill", "/F", "/T", "/PID")
LAST_WORDS = 4096
"""Bytes of stderr kept, to say why a process died."""


_KILLS = {
    "SIGKILL": Verdict.MEMORY_LIMIT,  # not ours: the system's, when memory runs out
    "SIGSEGV": Verdict.MEMORY_LIMIT,
    "SIGBUS": Verdict.MEMORY_LIMIT,
    "SIGABRT": Verdict.MEMORY_LIMIT,
    "SIGXCPU": Verdict.TIME_LIMIT,
}
"""What ends a judge that was handed too much, by whom it is not always known."""


class WorkerDiedError(Exception):
    """The process ended, or was ended, without an answer. Costs one job one attempt."""

    def __init__(self, why: str, counts_as: Verdict | None = None) -> None:
        """`counts_as`: what it says of a submission that ends its judge so again; None for nothing."""
        super().__init__(why)
        self.counts_as = counts_as


class WorkerProcess:
    """One warm judge in a process of its own. Not for several threads at once."""

    def __init__(self, setup: Setup, core: int | None = None, clock: Clock | None = None) -> None:
        """`core`: the only one that the process and its guests may use; `clock`: what it is watched by."""
        self._setup = setup
        self._clock = clock or RealClock()
        self._core = core
        self._process: subprocess.Popen[bytes] | None = None
        self._words: deque[bytes] = deque(maxlen=16)
        self._listener: threading.Thread | None = None
        self._reaping = threading.Lock()
        self.versions: Versions | None = None

    @property
    def alive(self) -> bool:
        """Whether there is a process that has not ended."""
        with self._reaping:
            return self._process is not None and self._process.poll() is None

    def judge(self, job: Job) -> Judgement:
        """What the judge says.

        Raises WorkerDiedError for a process that must be started anew, JudgeError with what the judge
        broke on, or BadInput for a suite that cannot be run.
        """
        answer = self._ask(job, job.deadline_s, self._setup.patience_s)
        if isinstance(answer, Judged | Broken) and answer.out_of_memory:
            raise WorkerDiedError("it ran out of memory", Verdict.MEMORY_LIMIT)
        if isinstance(answer, Judged):
            return answer.judgement
        if isinstance(answer, Broken):
            raise (BadInput if answer.callers_fault else JudgeError)(answer.why)
        raise WorkerDiedError("it spoke out of turn")

    def start(self) -> None:
        """Starts the process anew. Raises BadInput or JudgeError when it cannot be set up."""
        self.close()
        self._words.clear()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.engine.worker", *_as_argument(self._core)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(),
            # Ctrl-C in the terminal is for the run, which then ends its workers itself.
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Windows' word for it
        )
        self._listener = threading.Thread(target=_listen, args=(self._process, self._words), daemon=True)
        self._listener.start()
        try:
            answer = self._ask(self._setup, STARTING_S, STARTING_S)
        except WorkerDiedError as error:
            raise JudgeError(f"A judging process could not start: {error}.") from None
        if isinstance(answer, Broken):
            raise (BadInput if answer.callers_fault else JudgeError)(answer.why)
        if isinstance(answer, Versions):
            self.versions = answer

    def _ask(self, record: Setup | Job, deadline_s: float, patience_s: float) -> Answer:
        """Its answer, watched: nothing heard of it for `patience_s`, or no answer within `deadline_s`."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise WorkerDiedError("it was not started")
        cpu_s = functools.partial(cpu_of, process.pid)
        answering = Bound("answer", deadline_s, self._clock, cpu_s)
        progressing = Bound("progress", patience_s, self._clock, cpu_s)
        watchdog = Watchdog([answering, progressing], self.kill, self._clock)
        try:
            write_record(process.stdin, record)
            while (frame := read_record(process.stdout)) is not None:
                answer: Answer = msgspec.msgpack.decode(frame, type=Answer)
                if not isinstance(answer, Progress):
                    return answer
                progressing.renew()
        except msgspec.DecodeError as error:
            raise WorkerDiedError(f"its answer is garbled: {error}") from None
        except (OSError, ValueError):
            pass  # its end of the pipe is gone, or ours was closed meanwhile
        finally:
            watchdog.call_off()
        raise self._death(watchdog)

    def _death(self, watchdog: Watchdog) -> WorkerDiedError:
        """How it ended, once it has, and what that counts as."""
        code = self._reap()
        if (bound := watchdog.expired) is None:
            return WorkerDiedError(_how_it_ended(code) + self._last_words(), counts_as(code))
        verdict = Verdict.TIME_LIMIT if watchdog.was_busy else Verdict.STALLED
        return WorkerDiedError(f"no {bound.name} within {bound.length_s:.0f} s{self._last_words()}", verdict)

    def _last_words(self) -> str:
        lines = b"".join(self._words)[-LAST_WORDS:].decode(errors="replace").strip().splitlines()
        return f"; its last words: {lines[-1]}" if lines else ""

    def kill(self) -> None:
        """Ends the process and all that it started, which are in its session and no other.

        May be called by any thread; whoever waits for an answer gets WorkerDiedError.
        """
        with self._reaping:
            process = self._process
            if process is None or process.returncode is not None:
                return  # its number may be another's by now
            with contextlib.suppress(OSError):
                if os.name == "posix":
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    # Windows knows no sessions; this program of its own finds all that a process started.
                    subprocess.run([*_END_TREE, str(process.pid)], capture_output=True, check=False)
            if os.name != "posix":
                process.kill()

    def _reap(self) -> int:
        """Gives the process a moment to end by itself, then ends it and whatever it left behind.

        Its code, negative for a signal.
        """
        if self._process is not None:
            _await_end(self._process.pid)
        self.kill()
        with self._reaping:
            return self._process.wait() if self._process else 0

    def close(self) -> None:
        """Ends the process, if there is one, in order if it can, and waits for it."""
        process = self._process
        if process is None:
            return
        belt = threading.Timer(CLOSING_S, self.kill)
        belt.daemon = True
        belt.start()
        with contextlib.suppress(OSError, ValueError):
            if process.stdin is not None:
                process.stdin.close()
        with contextlib.suppress(OSError, ValueError):
            if process.stdout is not None:
                process.stdout.read()  # a judge that sees its jobs end leaves no guest behind, then ends
                process.stdout.close()
        belt.cancel()
        self._reap()
        if self._listener is not None:
            self._listener.join()
        self._process = None


def _await_end(pid: int) -> None:
    """Waits a moment for our child to end and leaves it unreaped, so that its number stays its own."""
    if not hasattr(os, "waitid"):
        return
    until = time.monotonic() + CLOSING_S
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < until and not os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            time.sleep(0.002)


def _how_it_ended(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"ended with code {code}"


def counts_as(code: int) -> Verdict | None:
    """What a judging process that ended with this code says of its submission, if it does so twice."""
    return next((verdict for name, verdict in _KILLS.items() if getattr(signal, name, None) == -code), None)


def _as_argument(core: int | None) -> list[str]:
    return [] if core is None else [str(core)]


def _environment() -> dict[str, str]:
    """This process's own, without what would change how Python or pytest runs a suite."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    return {**kept, "PYTHONPATH": _import_path()}


def _import_path() -> str:
    """Where the worker finds this very grader, installed or not; its own folder is no place to look."""
    home = str(Path(grader.__file__).parent.parent)
    return os.pathsep.join(part for part in (home, os.environ.get("PYTHONPATH", "")) if part)


def _listen(process: subprocess.Popen[bytes], words: deque[bytes]) -> None:
    """Keeps the last of what the process says on stderr, and keeps it from blocking on it."""
    pipe = process.stderr
    if pipe is None:
        return
    with pipe, contextlib.suppress(OSError, ValueError):
        while chunk := os.read(pipe.fileno(), LAST_WORDS):
            words.append(chunk)
