"""Judging for a terminal, watched from another process: in one long call of C, Python hears no Ctrl-C.

    kata check  --fork-->  the command goes on there, as if nothing were
        |
        waits: for its end, for Ctrl-C, and for a child that is at work without getting any further

The child is a copy made before anything was imported for judging, so this costs about a millisecond. Where
there is no fork, nobody watches.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from grader.records import Verdict

PATIENCE_S = 60.0
MEMORY_MB = 2048
_POLL_S = 0.1
_FORWARD_S, _KILL_S = 0.5, 3.0
"""After Ctrl-C: when a child that may not have heard of it is told, and when it is ended."""
_INTERRUPTED = 130
_PR_SET_PDEATHSIG = 1  # linux/prctl.h

IS_ON = False
"""Set by the `kata` script, which has its process for itself."""

Tell = Callable[[], None]
"""Says that judging goes on."""


def guarded(judge: Callable[[Tell], int], limited: Callable[[Verdict], int]) -> int:
    """The exit code of `judge`, run in a child that is ended if it gets no further.

    A child that is killed is started once more; `limited` says so of one that is killed twice.
    """
    if not IS_ON or not hasattr(os, "fork"):
        return judge(lambda: None)
    counts_as = Verdict.TIME_LIMIT
    for _ in range(2):
        child = _fork()
        if child is None:
            return judge(_tell)
        ending = child.ending()
        if ending.counts_as is None:
            return ending.code
        counts_as = ending.counts_as
    return limited(counts_as)


class _Ending(NamedTuple):
    code: int
    counts_as: Verdict | None
    """What it says of the submission if it happens twice; None for an orderly end."""


_telling = -1


def _tell() -> None:
    os.write(_telling, b".")


def _fork() -> _Child | None:
    """The child, as its parent sees it; None in the child itself."""
    global _telling
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    signs, telling = os.pipe()
    child = _Child(signs)
    child.pid = os.fork()
    if child.pid:
        os.close(telling)
        return child
    signal.signal(signal.SIGINT, child.handler_before)
    os.close(signs)
    _telling = telling
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    from grader.engine.worker import limit_memory

    limit_memory(MEMORY_MB)
    return None


class _Child:
    """See the module's header."""

    def __init__(self, signs: int) -> None:
        """From here on Ctrl-C is noted, so that none is lost while the child is made."""
        self.pid = 0
        self._signs = signs
        self._struck_at_s: float | None = None
        self.handler_before = signal.signal(signal.SIGINT, self._strike)

    def _strike(self, number: int, frame: object) -> None:
        self._struck_at_s = self._struck_at_s or time.monotonic()

    def ending(self) -> _Ending:
        """Wait until it has ended, by itself or by our hand."""
        try:
            is_stuck = self._is_stuck()
            code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        finally:
            signal.signal(signal.SIGINT, self.handler_before)
            os.close(self._signs)
        if self._struck_at_s is not None and code < 0:
            return _Ending(_INTERRUPTED, None)
        if is_stuck:
            return _Ending(code, Verdict.TIME_LIMIT)
        return _Ending(code if code >= 0 else 128 - code, _counts_as(code))

    def _is_stuck(self) -> bool:
        """Whether it had to be ended since it got no further; returns when its end of the pipe is closed."""
        from grader.engine.watchdog import Bound, RealClock, cpu_of

        bound = Bound("progress", PATIENCE_S, RealClock(), lambda: cpu_of(self.pid))
        was_told, is_stuck = False, False
        while True:
            if select.select([self._signs], [], [], _POLL_S)[0]:
                if not os.read(self._signs, 1 << 12):
                    return is_stuck
                bound.renew()
            if bound.left_s() <= 0 and not is_stuck:
                # One that is not at work waits for somebody: a reader of its output, or the real clock.
                is_stuck = bound.was_busy()
                bound.renew()
                if is_stuck:
                    os.kill(self.pid, signal.SIGKILL)
            since_s = 0.0 if self._struck_at_s is None else time.monotonic() - self._struck_at_s
            if since_s > _FORWARD_S and not was_told:
                was_told = True
                os.kill(self.pid, signal.SIGINT)
            if since_s > _KILL_S:
                os.kill(self.pid, signal.SIGKILL)


def _counts_as(code: int) -> Verdict | None:
    from grader.engine.process import counts_as

    return counts_as(code)
