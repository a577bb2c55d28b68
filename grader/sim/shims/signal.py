"""The `signal` module on the machine's signals (see `grader.sim.signals`)."""

from __future__ import annotations

import errno
import os
import signal as _real
from typing import Any

from grader.errors import NotSimulated
from grader.sim import world
from grader.sim.descriptors import FIRST_DESCRIPTOR
from grader.sim.refusals import refusal, refusals
from grader.sim.signals import Signals


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
