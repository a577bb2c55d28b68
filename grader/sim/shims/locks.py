"""Locks of simulated threads: the one lock that `threading`, `queue` and executors are made of.

The standard library builds its conditions, semaphores, events and queues from `_thread` locks in
plain Python, so replacing the lock replaces them all. A lock made outside any world (by an import)
works as long as nobody has to wait for it; one left locked by a world that has ended is free again.
"""

from __future__ import annotations

import sys
import threading as _real
from types import FrameType
from typing import Any

from grader.sim import world
from grader.sim.kernel import Kernel, Source

_PRESENTED = {"threading", "queue", "concurrent.futures._base", "concurrent.futures.thread"}
"""Modules built upon these locks: a wait is named after their function that the program called."""
_THREAD_BODIES = {"run", "_worker", "_bootstrap", "_bootstrap_inner"}


class _Outside:
    """Stands for the kernel where there is none: a lock taken outside any world is held by this."""

    ended = False


_OUTSIDE = _Outside()


class _Line(Source):
    """Those who wait for one lock. Only the first wakes when the lock is free: one can have it."""

    __slots__ = ("_lock",)

    def __init__(self, kernel: Kernel, lock: SimLock) -> None:
        super().__init__(kernel)
        self._lock = lock

    def ready(self) -> bool:
        return self._lock.is_free(self._kernel)

    def changed(self) -> None:
        for first in self._waiters:
            self._kernel.make_runnable(first)
            return


class SimLock:
    """`_thread.lock` on the simulated machine: same arguments, results and errors."""

    __slots__ = ("__weakref__", "_holder", "_line")

    def __init__(self) -> None:
        self._holder: Kernel | _Outside | None = None
        self._line: _Line | None = None

    def is_free(self, kernel: Kernel | None) -> bool:
        """Whether that world's thread, or with None one outside any world, could take it now."""
        holder = self._holder
        return holder is None or (holder.ended and holder is not kernel)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As `threading.Lock.acquire`, in virtual time. Raises Deadlock where nobody can release it."""
        length_s = _checked_timeout(blocking, timeout)
        machine = world.current_or_none()
        kernel = None if machine is None else machine.kernel
        if not self.is_free(kernel):
            if not blocking or timeout == 0:
                return False
            if kernel is None:
                raise RuntimeError("a simulated lock is waited for outside its world")
            if not self._wait(kernel, length_s):
                return False
        self._holder = kernel or _OUTSIDE
        return True

    def _wait(self, kernel: Kernel, length_s: float | None) -> bool:
        if self._line is None or self._line._kernel is not kernel:
            self._line = _Line(kernel, self)
        until_ns = None if length_s is None else kernel.after(length_s)
        try:
            return kernel.wait(until_ns, self._line, name_of_call("threading.Lock.acquire", sys._getframe(2)))
        except BaseException:
            # This thread may have been the one that was woken to take it: the next shall have it.
            self._changed()
            raise

    def release(self) -> None:
        """As `threading.Lock.release`. Raises RuntimeError when it is not locked."""
        machine = world.current_or_none()
        if self._holder is None and not (machine is not None and machine.kernel.ended):
            raise RuntimeError("release unlocked lock")
        self._holder = None
        self._changed()

    def _changed(self) -> None:
        line = self._line
        if line is not None and line._waiters and not line._kernel.ended and line.ready():
            line.changed()

    def locked(self) -> bool:
        machine = world.current_or_none()
        return not self.is_free(None if machine is None else machine.kernel)

    def _at_fork_reinit(self) -> None:
        self._holder = None

    __enter__ = acquire_lock = acquire
    release_lock = release
    locked_lock = locked

    def __exit__(self, *exc_info: object) -> None:
        self.release()

    def __repr__(self) -> str:
        return f"<{'locked' if self.locked() else 'unlocked'} _thread.lock object at {id(self):#x}>"


def _checked_timeout(blocking: bool, timeout: Any) -> float | None:
    """The timeout in seconds, None for never. Raises as CPython does for nonsense."""
    if timeout == -1:
        return None
    if not blocking:
        raise ValueError("can't specify a timeout for a non-blocking call")
    if timeout < 0:
        raise ValueError("timeout value must be a non-negative number")
    if timeout > _real.TIMEOUT_MAX:
        raise OverflowError("timeout value is too large")
    return float(timeout)


def name_of_call(name: str, frame: FrameType) -> str:
    """What the program called to get to that frame: `queue.Queue.get`, or `name` where it did itself."""
    calling: FrameType | None = frame
    while calling is not None and (module := calling.f_globals.get("__name__")) in _PRESENTED:
        code = calling.f_code
        if code.co_name in _THREAD_BODIES:
            break
        if not code.co_name.startswith("__"):
            package = "concurrent.futures" if module.startswith("concurrent") else module
            name = f"{package}.{code.co_qualname.partition('.<locals>')[0]}"
        calling = calling.f_back
    return name.replace("._PySimple", ".Simple").replace("._RLock", ".RLock")
