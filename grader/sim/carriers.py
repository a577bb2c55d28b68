"""The real machine's threads that carry simulated ones. Taken before anything is patched."""

from __future__ import annotations

import _thread
import contextlib
import sys
from collections import deque
from collections.abc import Callable

STACK_BYTES = 8 * 1024 * 1024
"""The stack of every thread, the same on all machines. 2 MB are too few: CPython 3.13 counts on
more before it says RecursionError."""

new_gate = _thread.allocate_lock
real_ident = _thread.get_ident
if sys.version_info >= (3, 13):
    _start_joinable_thread = _thread.start_joinable_thread
else:
    _start_new_thread = _thread.start_new_thread
    _set_sentinel = _thread._set_sentinel  # type: ignore[attr-defined]  # private, and gone in 3.13
with contextlib.suppress(ValueError):
    _thread.stack_size(STACK_BYTES)


class SimThread:
    """A thread of the simulated machine. The gate is closed unless the thread has the baton."""

    __slots__ = (
        "at_exit",
        "end_raises",
        "gate",
        "ident",
        "interruptions",
        "join_real",
        "name",
        "number",
        "parkings",
        "runnable",
    )

    def __init__(self, name: str, number: int, ident: int = 0) -> None:
        self.gate = new_gate()
        self.gate.acquire()
        self.name = name
        self.number = number
        """Counts the threads of its world from 1: its identity for programs, the same in every run."""
        self.ident = ident
        """The real machine's identity of it, as in `sys._current_frames()`; 0 until it runs."""
        self.runnable = False
        self.interruptions: deque[Callable[[], None]] = deque()
        """What it must run before it goes on waiting: signal handlers."""
        self.parkings = 0
        """How often it has parked: a timer of an earlier parking is stale and passed over."""
        self.at_exit: list[Callable[[], None]] = []
        """Run by the thread itself as the last thing it does."""
        self.join_real: Callable[[], object] = object
        """Waits, in real time, until the real thread below is gone with all that it held."""
        self.end_raises = 0
        """How often it has met the end of its world."""


def start(run: Callable[[], None]) -> Callable[[], object]:
    """Start a thread of the real machine; returns what waits until nothing of it is left.

    Raises RuntimeError when the real machine has no more threads to give.
    """
    if sys.version_info >= (3, 13):
        return _start_joinable_thread(run, daemon=True).join
    begun = new_gate()
    begun.acquire()
    sentinels: list[_thread.LockType] = []

    def run_with_sentinel() -> None:
        # CPython releases this lock when the thread's state, with its thread-locals, is deleted.
        sentinel = _set_sentinel()
        sentinel.acquire()
        sentinels.append(sentinel)
        begun.release()
        run()

    _start_new_thread(run_with_sentinel, ())
    begun.acquire()
    return sentinels[0].acquire
