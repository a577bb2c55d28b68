"""Threads and locks of simulated programs: `_thread` and what `threading` keeps of it, on the kernel.

Rules
-----
1. One lock is enough. The standard library builds its conditions, semaphores, events and queues from
   `_thread` locks in plain Python, so replacing the lock replaces them all.
2. A lock made outside any world (by an import) works as long as nobody has to wait for it; one left
   locked by a world that has ended is free again.
3. CPython 3.11 and 3.12 start a thread with `_start_new_thread` and join it through a lock from
   `_set_sentinel`; 3.13 starts it with `_start_joinable_thread` and joins its handle. Both are here.
4. A thread is known by its number in the order of starting, so that `get_ident()` is the same in every run.
"""

from __future__ import annotations

import _multiprocessing  # type: ignore[import-not-found]  # C, private, and in no stub
import _thread
import concurrent.futures.thread
import functools
import logging
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

from grader.errors import BusyLoop, NotSimulated, WorldEnded
from grader.sim import carriers, world
from grader.sim.carriers import SimThread
from grader.sim.kernel import Flag, Kernel, Source
from grader.sim.refusals import refusal

PROCESSORS = 1
"""How many processors a simulated machine has: what `os.cpu_count()` answers everywhere."""
MAIN = 1
"""What the main thread's `get_ident()` is: threads are numbered in the order of their starting."""
_main_real_ident = threading.main_thread().ident
_real_excepthook = threading.excepthook


def _kernel() -> Kernel:
    return world.current().kernel


# -- locks -----------------------------------------------------------------------------------------
_PRESENTED = {"threading", "queue", "concurrent.futures._base", "concurrent.futures.thread"}
"""Modules built upon these locks: a wait is named after their function that the program called."""
_THREAD_BODIES = {"run", "_worker", "_bootstrap", "_bootstrap_inner"}


class _Outside:
    """Stands for the kernel where there is none: a lock taken outside any world is held by this."""

    ended = False


_OUTSIDE = _Outside()


class _LockQueue(Source):
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
        self._line: _LockQueue | None = None

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
            self._line = _LockQueue(kernel, self)
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
    if timeout > threading.TIMEOUT_MAX:
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


# -- starting --------------------------------------------------------------------------------------
def _start(function: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any]) -> SimThread:
    def body() -> None:
        try:
            function(*args, **kwargs)
        except (SystemExit, WorldEnded):
            pass
        except BaseException as error:
            if not kernel.ended:
                _report(error, function)

    kernel = _kernel()
    owner = getattr(function, "__self__", None)
    return kernel.start_thread(getattr(owner, "name", "a thread"), body)


def _report(error: BaseException, function: Callable[..., object]) -> None:
    """Say that a bare thread died, as CPython does."""
    sys.stderr.write(f"Exception ignored in thread started by: {function!r}\n")
    traceback.print_exception(error)


def start_new_thread(
    function: Callable[..., object], args: tuple[Any, ...], kwargs: dict[str, Any] | None = None, /
) -> int:
    """As `_thread.start_new_thread`: the new thread's identity. Raises RuntimeError past the limit."""
    if not callable(function):
        raise TypeError("first arg must be callable")
    if not isinstance(args, tuple):
        raise TypeError("2nd arg must be a tuple")
    return _start(function, args, kwargs or {}).number


class SimThreadHandle:
    """`_thread._ThreadHandle` of CPython 3.13: what a thread is joined by."""

    def __init__(self) -> None:
        self.ident = 0
        self._kernel: Kernel | None = None
        self._done: Flag | None = None

    def begin(self, thread: SimThread) -> None:
        """Stand for this thread from now on."""
        self._kernel = _kernel()
        self._done = Flag(self._kernel)
        self.ident = thread.number
        thread.at_exit.append(self._set_done)

    def is_done(self) -> bool:
        return self._done is not None and (self._done.is_set or self._done._kernel.ended)

    def _set_done(self) -> None:
        if self._done is not None:
            self._done.set()

    def join(self, timeout: float | None = None, /) -> None:
        """Wait for the thread to end. Raises RuntimeError for one not started, or for oneself."""
        if self._done is None:
            raise RuntimeError("thread not started")
        if self.ident == get_ident() and not self.is_done():
            raise RuntimeError("Cannot join current thread")
        if not self.is_done():
            kernel = _kernel()
            until_ns = None if timeout is None or timeout < 0 else kernel.after(timeout)
            kernel.wait(until_ns, self._done, name_of_call("threading.Thread.join", sys._getframe(1)))


def _handle_of(ident: int) -> SimThreadHandle:
    """As `_thread._make_thread_handle`: of a thread that is running and was not started here."""
    handle = SimThreadHandle()
    handle.ident = ident
    return handle


def start_joinable_thread(
    function: Callable[[], object], handle: SimThreadHandle | None = None, daemon: bool = True
) -> SimThreadHandle:
    """As `_thread.start_joinable_thread` of CPython 3.13."""
    handle = SimThreadHandle() if handle is None else handle
    handle.begin(_start(function, (), {}))
    return handle


def _set_sentinel() -> SimLock:
    """As `_thread._set_sentinel` up to CPython 3.12: a lock that is released when this thread ends."""
    lock = SimLock()

    def release() -> None:
        if lock.locked():
            lock.release()

    _kernel().running.at_exit.append(release)
    return lock


# -- identity --------------------------------------------------------------------------------------
def get_ident() -> int:
    """As `threading.get_ident`, the same in every run: threads are numbered as they start."""
    machine = world.current_or_none()
    if machine is not None:
        return machine.kernel.running.number
    real = carriers.real_ident()
    return MAIN if real == _main_real_ident else real


def excepthook(args: Any, /) -> None:
    """As `threading.excepthook`, silent about what ends the world: the main thread tells of that."""
    machine = world.current_or_none()
    if not (args.exc_type is BusyLoop or (machine is not None and machine.kernel.ended)):
        _real_excepthook(args)


def _not_after_the_end(record: logging.LogRecord) -> bool:
    """Drop what an executor's worker logs when its world ends under it."""
    return not (record.exc_info and isinstance(record.exc_info[1], WorldEnded))


logging.getLogger("concurrent.futures").addFilter(_not_after_the_end)


class _NoSemLock:
    """Stands for what `multiprocessing` and process pools share with their children: there is none."""

    SEM_VALUE_MAX = 0x7FFF_FFFF

    def __init__(self, *_args: Any) -> None:
        raise NotSimulated("multiprocessing (its locks, queues and process pools) is not simulated")


# -- the table -------------------------------------------------------------------------------------
def _lock_patches() -> list[tuple[Any, str, Any]]:
    made = {"allocate_lock": SimLock, "allocate": SimLock, "LockType": SimLock, "lock": SimLock}
    reentrant = threading._PyRLock  # type: ignore[attr-defined]  # the pure-Python one stands on `_allocate_lock`
    return [
        *((_thread, name, lock) for name, lock in made.items() if hasattr(_thread, name)),
        (_thread, "RLock", reentrant),
        (threading, "Lock", SimLock),
        (threading, "_allocate_lock", SimLock),
        (threading, "_LockType", SimLock),
        (threading, "_CRLock", None),
        (functools, "RLock", reentrant),
        # Held while a worker starts, which is a wait: others may come for it meanwhile.
        (concurrent.futures.thread, "_global_shutdown_lock", SimLock()),
        (queue, "SimpleQueue", queue._PySimpleQueue),  # type: ignore[attr-defined]  # private: the public one is C
    ]


def _identity_patches() -> list[tuple[Any, str, Any]]:
    main = threading.current_thread()
    alive = SimLock()
    alive.acquire()
    return [
        *((module, "get_ident", get_ident) for module in (_thread, threading)),
        *((module, "get_native_id", get_ident) for module in (_thread, threading)),
        (threading, "_active", {MAIN: main}),
        (main, "_ident", MAIN),
        (main, "_native_id", MAIN),
        (main, "_tstate_lock", alive),
        (threading, "_shutdown_locks", {alive}),
        (main, "_handle", _handle_of(MAIN)),
    ]


def _starting_patches() -> list[tuple[Any, str, Any]]:
    ours = {
        "start_new_thread": start_new_thread,
        "start_new": start_new_thread,
        "start_joinable_thread": start_joinable_thread,
        "_ThreadHandle": SimThreadHandle,
        "_make_thread_handle": _handle_of,
        "_set_sentinel": _set_sentinel,
        "interrupt_main": refusal("_thread.interrupt_main"),
    }
    kept = {"_start_new_thread": start_new_thread, "_start_joinable_thread": start_joinable_thread, **ours}
    return [
        *((_thread, name, one) for name, one in ours.items()),
        *((threading, name, one) for name, one in kept.items()),
        (threading, "excepthook", excepthook),
    ]


def _interpreter_patches() -> list[tuple[Any, str, Any]]:
    """Another interpreter would import the library anew, unpatched. From 3.14 on they are public."""
    if sys.version_info < (3, 14):
        return []
    # In no stub of the oldest version, for which types are checked.
    from concurrent.futures.interpreter import InterpreterPoolExecutor  # type: ignore[import-not-found]

    import _interpreters  # type: ignore[import-not-found]

    return [
        (_interpreters, "create", refusal("concurrent.interpreters.create")),
        (InterpreterPoolExecutor, "__init__", refusal("concurrent.futures.InterpreterPoolExecutor")),
    ]


def patches() -> list[tuple[Any, str, Any]]:
    """What of `_thread` and what stands on it a simulated process replaces, on this version of CPython."""
    processors = [
        *((os, name, lambda: PROCESSORS) for name in ("cpu_count", "process_cpu_count")),
        (os, "sched_getaffinity", lambda _pid: set(range(PROCESSORS))),
    ]
    processes = [(_multiprocessing, "SemLock", _NoSemLock)]
    table = [
        *_lock_patches(),
        *_identity_patches(),
        *_starting_patches(),
        *processors,
        *processes,
        *_interpreter_patches(),
    ]
    return [(owner, name, one) for owner, name, one in table if hasattr(owner, name)]
