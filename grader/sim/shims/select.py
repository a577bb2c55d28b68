"""`select.select`, `select.poll` and `select.epoll` over the same ready sets as the selector."""

from __future__ import annotations

import errno
import os
import select as _real
from collections.abc import Iterable
from typing import Any

from grader.errors import NotSimulated
from grader.sim import world
from grader.sim.descriptors import READABLE, WRITABLE
from grader.sim.net.streams import Stream
from grader.sim.refusals import refusals
from grader.sim.shims.selectors import SimSelector

POLLIN, POLLOUT, POLLERR, POLLHUP, POLLNVAL = 1, 4, 8, 16, 32
_EDGES = ("EPOLLET", "EPOLLONESHOT", "EPOLLEXCLUSIVE")


def _number_of(file: Any) -> int:
    """A file's descriptor number. Raises TypeError and ValueError as `select` does."""
    if isinstance(file, int):
        number = file
    elif hasattr(file, "fileno"):
        number = file.fileno()
    else:
        raise TypeError("argument must be an int, or have a fileno() method.")
    if number < 0:
        raise ValueError(f"file descriptor cannot be a negative integer ({number})")
    return number


def select(
    rlist: Iterable[Any], wlist: Iterable[Any], xlist: Iterable[Any], timeout: float | None = None, /
) -> tuple[list[Any], list[Any], list[Any]]:
    """As `select.select`, in virtual time; nothing here is ever in an exceptional state."""
    if timeout is not None and timeout < 0:
        raise ValueError("timeout must be non-negative")
    readers = [(_number_of(file), file) for file in rlist]
    writers = [(_number_of(file), file) for file in wlist]
    wanted: dict[int, int] = {_number_of(file): 0 for file in xlist}
    for files, mask in ((readers, READABLE), (writers, WRITABLE)):
        for number, _ in files:
            wanted[number] = wanted.get(number, 0) | mask
    machine = world.current()
    with SimSelector(machine.kernel, machine.descriptors, "select.select") as selector:
        for number, mask in wanted.items():
            selector.register(number, mask or READABLE)
        found = {key.fd: events for key, events in selector.select(timeout)}
    ready = [
        [file for number, file in files if found.get(number, 0) & mask]
        for files, mask in ((readers, READABLE), (writers, WRITABLE))
    ]
    return ready[0], ready[1], []


class _PollWatcher:
    """What `poll` and `epoll` objects share: descriptors by number, each with what is awaited of it."""

    what = ""

    def __init__(self) -> None:
        self._machine = world.current()
        self._selector = SimSelector(self._machine.kernel, self._machine.descriptors, self.what)
        self._masks: dict[int, int] = {}

    def _set(self, number: int, mask: int) -> None:
        if number in self._masks:
            self._drop(number)
        events = (READABLE if mask & POLLIN else 0) | (WRITABLE if mask & POLLOUT else 0)
        if events and self._machine.descriptors.get(number) is not None:
            self._selector.register(number, events)
        self._masks[number] = mask

    def _drop(self, number: int) -> None:
        del self._masks[number]
        if number in self._selector.get_map():
            self._selector.unregister(number)

    def _wait(self, timeout: float | None) -> list[tuple[int, int]]:
        return [(key.fd, self._bits(key.fd, events)) for key, events in self._selector.select(timeout)]

    def _bits(self, number: int, events: int) -> int:
        bits = (POLLIN if events & READABLE else 0) | (POLLOUT if events & WRITABLE else 0)
        descriptor = self._machine.descriptors.get(number)
        if isinstance(descriptor, Stream):
            if descriptor.error:
                bits |= POLLERR | POLLHUP
            elif descriptor.at_end and descriptor.write_closed:
                bits |= POLLHUP
        return bits


class SimPoll(_PollWatcher):
    """What `select.poll()` returns."""

    what = "select.poll"

    def register(self, fd: Any, eventmask: int = POLLIN | 2 | POLLOUT, /) -> None:
        self._set(_number_of(fd), eventmask)

    def modify(self, fd: Any, eventmask: int, /) -> None:
        """Raises FileNotFoundError for what is not registered."""
        if _number_of(fd) not in self._masks:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        self._set(_number_of(fd), eventmask)

    def unregister(self, fd: Any, /) -> None:
        """Raises KeyError for what is not registered."""
        self._drop(_number_of(fd))

    def poll(self, timeout: float | None = None, /) -> list[tuple[int, int]]:
        """As `poll.poll`: the timeout is in milliseconds, for ever when None or negative."""
        table = self._machine.descriptors
        closed = [(number, POLLNVAL) for number in self._masks if table.get(number) is None]
        if closed:
            return closed + self._wait(0)
        return self._wait(None if timeout is None or timeout < 0 else timeout / 1000)


class SimEpoll(_PollWatcher):
    """What `select.epoll()` returns: level-triggered only. What is closed leaves it by itself."""

    what = "select.epoll"

    def __init__(self, sizehint: int = -1, flags: int = 0) -> None:
        super().__init__()
        self.closed = False

    def _must_be_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed epoll object")

    def _checked(self, eventmask: int) -> int:
        for name in _EDGES:
            if eventmask & getattr(_real, name, 0):
                raise NotSimulated(f"select.{name} is not simulated")
        return eventmask

    def _open_number(self, fd: Any) -> int:
        self._must_be_open()
        number = _number_of(fd)
        if self._machine.descriptors.get(number) is None:
            self._masks.pop(number, None)
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return number

    def register(self, fd: Any, eventmask: int = POLLIN | 2 | POLLOUT) -> None:
        """Raises FileExistsError for what is registered already."""
        number = self._open_number(fd)
        if number in self._masks:
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
        self._set(number, self._checked(eventmask))

    def modify(self, fd: Any, eventmask: int) -> None:
        """Raises FileNotFoundError for what is not registered."""
        number = self._open_number(fd)
        if number not in self._masks:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        self._set(number, self._checked(eventmask))

    def unregister(self, fd: Any) -> None:
        """Raises FileNotFoundError for what is not registered."""
        number = self._open_number(fd)
        if number not in self._masks:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        self._drop(number)

    def poll(self, timeout: float | None = None, maxevents: int = -1) -> list[tuple[int, int]]:
        """As `epoll.poll`: the timeout is in seconds, for ever when None or negative."""
        self._must_be_open()
        if maxevents < -1 or maxevents == 0:
            raise ValueError(f"maxevents must be greater than 0, got {maxevents}")
        found = self._wait(None if timeout is None or timeout < 0 else timeout)
        return found if maxevents == -1 else found[:maxevents]

    def close(self) -> None:
        self.closed = True
        self._selector.close()
        self._masks.clear()

    def fileno(self) -> int:
        raise NotSimulated("epoll.fileno is not simulated")

    def __enter__(self) -> SimEpoll:
        self._must_be_open()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def patches() -> list[tuple[Any, str, Any]]:
    """What of `select` a simulated process replaces."""
    ours = {"select": select, "poll": SimPoll, "epoll": SimEpoll}
    replaced = [(_real, name, one) for name, one in ours.items() if hasattr(_real, name)]
    return [*replaced, *refusals(_real, ("devpoll", "kqueue", "kevent"))]
