"""Signals of the simulated machine: the world outside sends them, the main thread runs the handlers.

As in CPython a handler runs on the main thread, inside whatever it waits for; the wait goes on
afterwards unless the handler raises. A signal also writes its number to the wake-up descriptor, if
one is set, which is how a loop hears of it. Handlers of one signal do not pile up.
"""

from __future__ import annotations

import errno
import functools
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from grader.errors import NotSimulated
from grader.sim.descriptors import DescriptorTable
from grader.sim.kernel import Kernel


def _numbers(*names: str) -> frozenset[int]:
    """The numbers of those signals that this platform has."""
    return frozenset(int(getattr(signal, name)) for name in names if hasattr(signal, name))


UNCATCHABLE = _numbers("SIGKILL", "SIGSTOP")
IGNORED_BY_DEFAULT = _numbers("SIGCHLD", "SIGURG", "SIGWINCH", "SIGCONT")
STOPPING = _numbers("SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU")
_IGNORED_AT_START = _numbers("SIGPIPE", "SIGXFSZ")


def _exit_as_killed(signum: int) -> None:
    raise SystemExit(128 + signum)


class Signals:
    """The signal handlers of one simulated process."""

    def __init__(self, kernel: Kernel, descriptors: DescriptorTable) -> None:
        self._kernel = kernel
        self._descriptors = descriptors
        self._handlers: dict[int, Any] = dict.fromkeys(_IGNORED_AT_START, signal.SIG_IGN)
        self._handlers[int(signal.SIGINT)] = signal.default_int_handler
        self._pending: dict[int, None] = {}
        self.wakeup_fd = -1
        self.die: Callable[[int], None] = _exit_as_killed
        """What a signal without a handler does to this process; runs on its main thread."""

    def handler(self, signum: int) -> Any:
        return self._handlers.get(signum, signal.SIG_DFL)

    def set_handler(self, signum: int, handler: Any) -> Any:
        """Returns the handler before. Raises OSError(EINVAL) for signals that cannot be caught."""
        if signum in UNCATCHABLE:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        before = self.handler(signum)
        self._handlers[signum] = handler
        return before

    def deliver(self, signum: int) -> None:
        """Send this process a signal, from outside or from another of its threads."""
        if self._kernel.ended or signum in self._pending or not self._concerns(signum):
            return
        self._pending[signum] = None
        self._wake(signum)
        self._kernel.interrupt(self._kernel.main, functools.partial(self._handle, signum))

    def raise_here(self, signum: int) -> None:
        """The running thread sends its own process a signal: the main thread handles it at once."""
        if self._kernel.running is not self._kernel.main:
            self.deliver(signum)
        elif self._concerns(signum):
            self._wake(signum)
            self._handle(signum)

    def _concerns(self, signum: int) -> bool:
        handler = self.handler(signum)
        if handler == signal.SIG_DFL and signum in STOPPING:
            raise NotSimulated(f"{signal.Signals(signum).name}: processes do not stop and go on here")
        return not (handler == signal.SIG_IGN or (handler == signal.SIG_DFL and signum in IGNORED_BY_DEFAULT))

    def _wake(self, signum: int) -> None:
        if self.wakeup_fd == -1 or not callable(self.handler(signum)):
            return
        descriptor = self._descriptors.get(self.wakeup_fd)
        if descriptor is not None:
            descriptor.take_signal(signum)

    def _handle(self, signum: int) -> None:
        self._pending.pop(signum, None)
        handler = self.handler(signum)
        if callable(handler):
            handler(signum, _interrupted_frame())
        elif handler == signal.SIG_DFL:
            self.die(signum)


def _interrupted_frame() -> FrameType | None:
    """The frame of the code that was interrupted: the innermost that is not of this machine."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("grader.sim."):
        frame = frame.f_back
    return frame
