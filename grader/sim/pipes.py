"""Pipes of one machine, and its null device: what `os.pipe` and `subprocess` are made of.

A pipe holds 64 KiB, like Linux's: a writer that gets ahead of its reader waits. An end may be held
more than once (by a process and its child); the other end sees its end when the last holder closes.
"""

from __future__ import annotations

import errno
import os
import stat

from grader.sim.descriptors import READABLE, WRITABLE, Descriptor
from grader.sim.kernel import Kernel

CAPACITY = 65_536
"""Bytes that a pipe holds, written and not yet read."""
ATOMIC = 4_096
"""Writes up to this many bytes go whole or wait (PIPE_BUF)."""


def failure(number: int) -> OSError:
    """The OSError of an errno, of the subclass that Python gives it."""
    return OSError(number, os.strerror(number))


class ByteDescriptor(Descriptor):
    """A descriptor for `os.read` and `os.write`; each direction that it lacks fails with EBADF."""

    def read(self, size: int) -> bytes | None:
        """Up to `size` bytes, b"" at the end, None if it would block."""
        raise failure(errno.EBADF)

    def write(self, data: bytes) -> int | None:
        """How many bytes were taken, None if it would block."""
        raise failure(errno.EBADF)

    def duplicate(self) -> ByteDescriptor:
        """Another holder of the same thing, for `os.dup` or a child; it has no number yet."""
        raise failure(errno.EBADF)


class Pipe:
    """The bytes between two ends, and who holds each."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.readers: dict[ReadEnd, None] = {}
        self.writers: dict[WriteEnd, None] = {}

    @property
    def free(self) -> int:
        return CAPACITY - len(self.bytes)

    def changed(self) -> None:
        for end in (*self.readers, *self.writers):
            end.changed()


class ReadEnd(ByteDescriptor):
    """One holder of a pipe's reading end."""

    file_type = stat.S_IFIFO

    def __init__(self, kernel: Kernel, pipe: Pipe) -> None:
        super().__init__(kernel)
        self.pipe = pipe
        pipe.readers[self] = None

    def poll(self) -> int:
        return READABLE if self.pipe.bytes or not self.pipe.writers else 0

    def read(self, size: int) -> bytes | None:
        if not self.pipe.bytes:
            return None if self.pipe.writers else b""
        data = bytes(self.pipe.bytes[:size])
        del self.pipe.bytes[:size]
        self.pipe.changed()
        return data

    def close(self) -> None:
        self.pipe.readers.pop(self, None)
        self.pipe.changed()

    def duplicate(self) -> ReadEnd:
        return ReadEnd(self.kernel, self.pipe)


class WriteEnd(ByteDescriptor):
    """One holder of a pipe's writing end."""

    file_type = stat.S_IFIFO

    def __init__(self, kernel: Kernel, pipe: Pipe) -> None:
        super().__init__(kernel)
        self.pipe = pipe
        pipe.writers[self] = None

    def poll(self) -> int:
        if not self.pipe.readers:
            # As poll() reports POLLERR: that is how asyncio learns that the reader has gone.
            return READABLE | WRITABLE
        return WRITABLE if self.pipe.free >= ATOMIC else 0

    def write(self, data: bytes) -> int | None:
        """Raises BrokenPipeError when nobody holds the reading end."""
        pipe = self.pipe
        if not pipe.readers:
            raise failure(errno.EPIPE)
        if not data:
            return 0
        if pipe.free < min(len(data), ATOMIC):
            return None
        count = min(len(data), pipe.free)
        pipe.bytes += data[:count]
        pipe.changed()
        return count

    def close(self) -> None:
        self.pipe.writers.pop(self, None)
        self.pipe.changed()

    def duplicate(self) -> WriteEnd:
        return WriteEnd(self.kernel, self.pipe)


def pipe_ends(kernel: Kernel) -> tuple[ReadEnd, WriteEnd]:
    """A new pipe, held once at each end."""
    pipe = Pipe()
    return ReadEnd(kernel, pipe), WriteEnd(kernel, pipe)


class NullDevice(ByteDescriptor):
    """`os.devnull`: nothing to read, and room for everything."""

    file_type = stat.S_IFCHR

    def poll(self) -> int:
        return READABLE | WRITABLE

    def read(self, size: int) -> bytes | None:
        return b""

    def write(self, data: bytes) -> int | None:
        return len(data)

    def close(self) -> None:
        self.changed()

    def duplicate(self) -> NullDevice:
        return NullDevice(self.kernel)
