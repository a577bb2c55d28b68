"""A child's three standard streams: descriptors of its parent's machine, used from outside it.

The child's reads and writes arrive here as calls that must not block: each is tried at once, tried
again whenever its descriptor changes, and answered when a real system call would have returned.
"""

from __future__ import annotations

import errno
import sys
from typing import TextIO

from grader.errors import NotSimulated
from grader.sim.descriptors import Descriptor, DescriptorTable
from grader.sim.disk.files import FileHandle
from grader.sim.host_ports import STDERR, STDIN, STDOUT, ChildLauncher
from grader.sim.kernel import Kernel
from grader.sim.pipes import ByteDescriptor, NullDevice

_PARENTS = (-1, STDIN, STDOUT, STDERR)


class _Console(NullDevice):
    """The parent's own standard output or error, where a child's goes if nothing else is said."""

    def __init__(self, kernel: Kernel, fd: int) -> None:
        super().__init__(kernel)
        self._fd = fd

    def write(self, data: bytes) -> int | None:
        stream: TextIO | None = sys.stderr if self._fd == STDERR else sys.stdout
        if stream is not None:
            stream.write(data.decode("utf-8", "replace"))
        return len(data)


class _Inlet:
    """The child's standard input: one read at a time."""

    def __init__(self, descriptor: ByteDescriptor, pid: int, launcher: ChildLauncher) -> None:
        self._descriptor = descriptor
        self._pid = pid
        self._launcher = launcher
        self._wanted: int | None = None
        descriptor.watchers[self] = None

    def read(self, size: int) -> None:
        if isinstance(self._descriptor, FileHandle):
            self._descriptor.begin_read(size, self._answer)
            return
        self._wanted = size
        self.descriptor_changed(-1)

    def _answer(self, data: bytes) -> None:
        self._launcher.have_read(self._pid, data)

    def descriptor_changed(self, number: int) -> None:
        # Taking bytes changes the pipe, which calls back here: by then nothing is wanted any more.
        size, self._wanted = self._wanted, None
        if size is None:
            return
        data = self._descriptor.read(size)
        if data is None:
            self._wanted = size
        else:
            self._answer(data)


class _Outlet:
    """The child's standard output or error: one write at a time."""

    def __init__(self, descriptor: ByteDescriptor, pid: int, fd: int, launcher: ChildLauncher) -> None:
        self._descriptor = descriptor
        self._pid = pid
        self._fd = fd
        self._launcher = launcher
        self._rest: bytes | None = None
        descriptor.watchers[self] = None

    def write(self, data: bytes) -> None:
        if isinstance(self._descriptor, FileHandle):
            self._descriptor.begin_write(data, self._answer)
            return
        self._rest = data
        self.descriptor_changed(-1)

    def _answer(self, error: int) -> None:
        self._launcher.have_written(self._pid, self._fd, error)

    def descriptor_changed(self, number: int) -> None:
        data, self._rest = self._rest, None
        if data is None:
            return
        try:
            while data:
                count = self._descriptor.write(data)
                if count is None:
                    self._rest = data
                    return
                data = data[count:]
        except BrokenPipeError:
            self._answer(errno.EPIPE)
        else:
            self._answer(0)


def _inherited(kernel: Kernel, held: Descriptor | None, fd: int, number: int) -> ByteDescriptor:
    if number in _PARENTS:
        return NullDevice(kernel) if fd == STDIN else _Console(kernel, fd if number == -1 else number)
    if isinstance(held, ByteDescriptor):
        return held.duplicate()
    raise NotSimulated(f"a child process whose descriptor {fd} is a socket or a real file")


class Inheritance:
    """What one child has as its descriptors 0, 1 and 2."""

    def __init__(self, kernel: Kernel, descriptors: DescriptorTable, fds: tuple[int, int, int]) -> None:
        self._held: dict[int, ByteDescriptor] = {}
        try:
            for fd, number in enumerate(fds):
                self._held[fd] = _inherited(kernel, descriptors.get(number), fd, number)
        except BaseException:
            self.close_all()
            raise

    def serve(self, pid: int, launcher: ChildLauncher) -> None:
        """Answer that child's calls from now on."""
        self._inlet = _Inlet(self._held[STDIN], pid, launcher)
        self._outlets = {fd: _Outlet(self._held[fd], pid, fd, launcher) for fd in (STDOUT, STDERR)}

    def read(self, size: int) -> None:
        if STDIN in self._held:
            self._inlet.read(size)

    def write(self, fd: int, data: bytes) -> None:
        if fd in self._held:
            self._outlets[fd].write(data)

    def close(self, fd: int) -> None:
        descriptor = self._held.pop(fd, None)
        if descriptor is not None:
            descriptor.watchers.clear()
            descriptor.close()

    def close_all(self) -> None:
        for fd in list(self._held):
            self.close(fd)
