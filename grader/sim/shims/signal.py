"""Signals of the simulated machine: the world outside sends them, the main thread runs the handlers.

As in CPython a handler runs on the main thread, inside whatever it waits for; the wait goes on
afterwards unless the handler raises. A signal also writes its number to the wake-up descriptor, if
one is set, which is how a loop hears of it. Handlers of one signal do not pile up.
"""

from __future__ import annotations

import errno
import functools
import os
import signal as _real
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from grader.errors import NotSimulated
from grader.sim import world
from grader.sim.descriptors import FIRST_DESCRIPTOR, DescriptorTable
from grader.sim.kernel import Kernel
from grader.sim.net.streams import Stream
from grader.sim.refusals import refusal, refusals


def _numbers(*names: str) -> frozenset[int]:
    """The numbers of those signals that this platform has."""
    return frozenset(int(getattr(_real, name)) for name in names if hasattr(_real, name))


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
        self._handlers: dict[int, Any] = dict.fromkeys(_IGNORED_AT_START, _real.SIG_IGN)
        self._handlers[int(_real.SIGINT)] = _real.default_int_handler
        self._pending: dict[int, None] = {}
        self.wakeup_fd = -1
        self.die: Callable[[int], None] = _exit_as_killed
        """What a signal without a handler does to this process; runs on its main thread."""

    def handler(self, signum: int) -> Any:
        return self._handlers.get(signum, _real.SIG_DFL)

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
        if handler == _real.SIG_DFL and signum in STOPPING:
            raise NotSimulated(f"{_real.Signals(signum).name}: processes do not stop and go on here")
        return not (handler == _real.SIG_IGN or (handler == _real.SIG_DFL and signum in IGNORED_BY_DEFAULT))

    def _wake(self, signum: int) -> None:
        if self.wakeup_fd == -1 or not callable(self.handler(signum)):
            return
        descriptor = self._descriptors.get(self.wakeup_fd)
        if isinstance(descriptor, Stream) and descriptor.connected and not descriptor.closed:
            descriptor.write(bytes([signum]))

    def _handle(self, signum: int) -> None:
        self._pending.pop(signum, None)
        handler = self.handler(signum)
        if callable(handler):
            handler(signum, _interrupted_frame())
        elif handler == _real.SIG_DFL:
            self.die(signum)


def _interrupted_frame() -> FrameType | None:
    """The frame of the code that was interrupted: the innermost that is not of this machine."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith("grader.sim."):
        frame = frame.f_back
    return frame


# -- the `signal` module ---------------------------------------------------------------------------
def _own_signals(function: str) -> Signals:
    machine = world.current()
    if machine.kernel.running is not machine.kernel.main:
        raise ValueError(f"{function} only works in main thread of the main interpreter")
    return machine.signals


def checked_number(signum: Any) -> int:
    """A signal's number. Raises TypeError or ValueError as the `signal` module does."""
    if not isinstance(signum, int):
        raise TypeError(f"'{type(signum).__name__}' object cannot be interpreted as an integer")
    if signum not in _real.valid_signals():
        raise ValueError("signal number out of range")
    return int(signum)


def signal(signalnum: Any, handler: Any, /) -> Any:
    """As `signal.signal`. Raises ValueError off the main thread."""
    signals = _own_signals("signal")
    if isinstance(handler, int) and handler in (_real.SIG_DFL, _real.SIG_IGN):
        handler = _real.Handlers(handler)
    elif not callable(handler):
        raise TypeError("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
    return signals.set_handler(checked_number(signalnum), handler)


def getsignal(signalnum: Any, /) -> Any:
    return world.current().signals.handler(checked_number(signalnum))


def raise_signal(signalnum: Any, /) -> None:
    world.current().signals.raise_here(checked_number(signalnum))


def siginterrupt(signalnum: Any, flag: bool, /) -> None:
    """As `signal.siginterrupt`: nothing to do, for no simulated call is ever cut short."""
    checked_number(signalnum)


def pthread_kill(thread_id: int, signalnum: Any, /) -> None:
    """As `signal.pthread_kill`: whatever the thread, Python's handler runs on the main one."""
    machine = world.current()
    if all(thread.number != thread_id for thread in machine.kernel.threads):
        raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
    machine.signals.raise_here(checked_number(signalnum))


def set_wakeup_fd(fd: int, /, *, warn_on_full_buffer: bool = True) -> int:
    """As `signal.set_wakeup_fd`, for descriptors of this machine; returns the one before."""
    if world.current_or_none() is None:
        return -1  # asyncio disarms it in every forked child (3.12), a guest's before its world exists.
    signals = _own_signals("set_wakeup_fd")
    if fd != -1 and world.current().descriptors.get(fd) is None:
        if fd < FIRST_DESCRIPTOR:
            raise NotSimulated("signal.set_wakeup_fd with a real descriptor is not simulated")
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    before, signals.wakeup_fd = signals.wakeup_fd, fd
    return before


def setitimer(which: int, seconds: float, interval: float = 0.0, /) -> tuple[float, float]:
    """Timers that signal are not simulated; disarming one, which never is armed, does nothing."""
    if seconds:
        refusal("signal.setitimer")()
    return (0.0, 0.0)


def alarm(seconds: int, /) -> int:
    """As `setitimer`: only alarm(0), which disarms, is let through."""
    if seconds:
        refusal("signal.alarm")()
    return 0


_REFUSED = (
    "getitimer",
    "pause",
    "pidfd_send_signal",
    "pthread_sigmask",
    "sigpending",
    "sigtimedwait",
    "sigwait",
    "sigwaitinfo",
)


def patches() -> list[tuple[Any, str, Any]]:
    """What of `signal` a simulated process replaces."""
    ours = (signal, getsignal, raise_signal, siginterrupt, pthread_kill, set_wakeup_fd, setitimer, alarm)
    replaced = [(_real, one.__name__, one) for one in ours if hasattr(_real, one.__name__)]
    return [*replaced, *refusals(_real, _REFUSED)]
