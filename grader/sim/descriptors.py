"""Descriptors: what sockets and pipes are made of, and what selectors watch."""

from __future__ import annotations

import errno
import stat
from typing import Protocol

from grader.sim.kernel import Kernel, Source

READABLE = 1
WRITABLE = 2
FIRST_DESCRIPTOR = 1 << 20
"""Simulated descriptors start here, above any real one, so that none is ever mistaken for real."""


class Watcher(Protocol):
    """Is told when a descriptor may have become ready: a selector, or a child that waits for it."""

    def descriptor_changed(self, number: int) -> None: ...


class _Side(Source):
    """One direction of a descriptor, to wait for."""

    __slots__ = ("_descriptor", "_mask")

    def __init__(self, kernel: Kernel, descriptor: Descriptor, mask: int) -> None:
        super().__init__(kernel)
        self._descriptor = descriptor
        self._mask = mask

    def ready(self) -> bool:
        return bool(self._descriptor.poll() & self._mask)


class Descriptor:
    """Base of all that has a descriptor number. Subclasses answer `poll()` and call `changed()`."""

    file_type = stat.S_IFSOCK
    """What `os.fstat` says that it is."""
    blocking = True
    """Whether `os.read` and `os.write` wait; sockets keep their own timeout beside it."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self.number = -1
        self.readable = _Side(kernel, self, READABLE)
        self.writable = _Side(kernel, self, WRITABLE)
        self.watchers: dict[Watcher, None] = {}
        self.opened_at: int | None = None
        """The learner's line that opened it, for reports."""

    def poll(self) -> int:
        """READABLE | WRITABLE as things stand."""
        raise NotImplementedError

    def take_signal(self, signum: int) -> None:
        """Take the number of a signal as a byte, where this is what `signal.set_wakeup_fd` names."""

    def close(self) -> None:
        """Give up the descriptor and tell whoever is at the other end."""
        raise NotImplementedError

    def changed(self) -> None:
        """Say that `poll()` may answer more than before."""
        for watcher in self.watchers:
            watcher.descriptor_changed(self.number)
        self.readable.changed()
        self.writable.changed()


class DescriptorTable:
    """The descriptors of one simulated machine, by number; a number is never used twice."""

    def __init__(self, max_open: int) -> None:
        self._open: dict[int, Descriptor] = {}
        self._next = FIRST_DESCRIPTOR
        self.max_open = max_open

    def __len__(self) -> int:
        return len(self._open)

    def add(self, descriptor: Descriptor) -> int:
        """Number a descriptor. Raises OSError(EMFILE) past the machine's limit."""
        if len(self._open) >= self.max_open:
            raise OSError(errno.EMFILE, f"Too many open files: this machine allows {self.max_open}")
        descriptor.number = self._next
        self._open[self._next] = descriptor
        self._next += 1
        return descriptor.number

    def replace(self, number: int, descriptor: Descriptor) -> None:
        """Put another thing behind an open number: a stream that turns out to be a listener."""
        descriptor.number = number
        self._open[number] = descriptor

    def get(self, number: int) -> Descriptor | None:
        return self._open.get(number)

    def remove(self, number: int) -> None:
        self._open.pop(number, None)

    def all(self) -> tuple[Descriptor, ...]:
        """Everything open, in the order in which it was opened."""
        return tuple(self._open.values())
