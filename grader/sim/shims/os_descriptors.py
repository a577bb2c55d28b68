"""`os.read`, `os.write`, `os.close`, `os.pipe` and their kin on simulated descriptors.

Numbers below FIRST_DESCRIPTOR are real ones and pass through unharmed.
"""

from __future__ import annotations

import errno
import os as _real
from collections.abc import Callable
from typing import Any, TypeVar

from grader.errors import NotSimulated
from grader.sim import world
from grader.sim.descriptors import FIRST_DESCRIPTOR, Descriptor
from grader.sim.disk.files import FileHandle, stat_result
from grader.sim.kernel import Source
from grader.sim.machine import Machine
from grader.sim.net.streams import Stream
from grader.sim.pipes import ByteDescriptor, failure, pipe_ends

T = TypeVar("T")
# Taken before anything is patched: what real descriptors are passed on to.
_read, _write, _close, _fstat, _dup = _real.read, _real.write, _real.close, _real.fstat, _real.dup
_isatty, _lseek, _fsync, _ftruncate = _real.isatty, _real.lseek, _real.fsync, _real.ftruncate
_set_inheritable, _get_inheritable, _dup2 = _real.set_inheritable, _real.get_inheritable, _real.dup2
# Not every platform has these.
_set_blocking: Any = getattr(_real, "set_blocking", None)
_get_blocking: Any = getattr(_real, "get_blocking", None)
_sendfile: Any = getattr(_real, "sendfile", None)
_copy_file_range: Any = getattr(_real, "copy_file_range", None)
_readinto: Any = getattr(_real, "readinto", None)  # from 3.14 on


def is_simulated(fd: Any) -> bool:
    """Whether a number can only be a descriptor of a simulated machine."""
    return isinstance(fd, int) and fd >= FIRST_DESCRIPTOR


def held(fd: int) -> Descriptor:
    """What is behind a simulated descriptor. Raises OSError(EBADF)."""
    machine = world.current_or_none()
    descriptor = None if machine is None else machine.descriptors.get(fd)
    if descriptor is None:
        raise failure(errno.EBADF)
    return descriptor


def bytes_of(fd: int) -> ByteDescriptor | Stream:
    """What is behind a simulated descriptor that carries bytes. Raises OSError(EBADF)."""
    descriptor = held(fd)
    if not isinstance(descriptor, (ByteDescriptor, Stream)):
        raise failure(errno.EBADF)
    return descriptor


def add(machine: Machine, descriptor: Descriptor) -> int:
    """Number a descriptor that the learner's code opens here. Raises OSError(EMFILE)."""
    descriptor.opened_at = machine.where()
    return machine.descriptors.add(descriptor)


def _until(attempt: Callable[[], T | None], descriptor: Descriptor, side: Source, what: str) -> T:
    while True:
        result = attempt()
        if result is not None:
            return result
        if not descriptor.blocking:
            raise BlockingIOError(errno.EAGAIN, _real.strerror(errno.EAGAIN))
        descriptor.kernel.wait(None, side, what)


def read(fd: int, length: int, /) -> bytes:
    return read_in(fd, length, "os.read") if is_simulated(fd) else _read(fd, length)


def readinto(fd: int, buffer: Any, /) -> int:
    if not is_simulated(fd):
        return int(_readinto(fd, buffer))
    room = memoryview(buffer).cast("B")
    data = read_in(fd, len(room), "os.readinto")
    room[: len(data)] = data
    return len(data)


def write(fd: int, data: Any, /) -> int:
    """As `os.write`: a blocking pipe takes all of it before this returns."""
    return write_in(fd, bytes(data), "os.write") if is_simulated(fd) else _write(fd, data)


def read_in(fd: int, length: int, what: str) -> bytes:
    """Read from a simulated descriptor; `what` is the call that waits, for the observer."""
    descriptor = bytes_of(fd)
    return _until(lambda: descriptor.read(length), descriptor, descriptor.readable, what)


def write_in(fd: int, payload: bytes, what: str) -> int:
    """Write to a simulated descriptor; `what` is the call that waits, for the observer."""
    descriptor = bytes_of(fd)
    count = 0

    def attempt() -> int | None:
        return descriptor.write(payload[count:])

    count = _until(attempt, descriptor, descriptor.writable, what)
    while count < len(payload) and descriptor.blocking:
        count += _until(attempt, descriptor, descriptor.writable, what)
    return count


def close(fd: int) -> None:
    if not is_simulated(fd):
        _close(fd)
        return
    machine = world.current_or_none()
    descriptor = held(fd)
    assert machine is not None
    machine.descriptors.remove(fd)
    descriptor.close()


def pipe() -> tuple[int, int]:
    """As `os.pipe`, always of the simulated machine."""
    machine = world.current()
    reading, writing = pipe_ends(machine.kernel)
    return add(machine, reading), add(machine, writing)


def pipe2(flags: int, /) -> tuple[int, int]:
    ends = pipe()
    for fd in ends:
        set_blocking(fd, not flags & getattr(_real, "O_NONBLOCK", 0))
    return ends


def dup(fd: int, /) -> int:
    if not is_simulated(fd):
        return _dup(fd)
    descriptor = bytes_of(fd)
    if isinstance(descriptor, Stream):
        raise NotSimulated("os.dup of a socket is not simulated")
    copy = descriptor.duplicate()
    copy.blocking = descriptor.blocking
    return add(world.current(), copy)


def dup2(fd: int, fd2: int, inheritable: bool = True) -> int:
    if is_simulated(fd) or is_simulated(fd2):
        raise NotSimulated("os.dup2 on a simulated descriptor is not simulated")
    return _dup2(fd, fd2, inheritable)


def fstat(fd: int) -> _real.stat_result:
    if not is_simulated(fd):
        return _fstat(fd)
    descriptor = held(fd)
    if isinstance(descriptor, FileHandle):
        return descriptor.status()
    return stat_result(descriptor.file_type | 0o600, node=fd)


def isatty(fd: int, /) -> bool:
    return False if is_simulated(fd) else _isatty(fd)


def lseek(fd: int, position: int, whence: int, /) -> int:
    if not is_simulated(fd):
        return _lseek(fd, position, whence)
    descriptor = held(fd)
    if not isinstance(descriptor, FileHandle):
        raise failure(errno.ESPIPE)
    return descriptor.seek(position, whence)


def ftruncate(fd: int, length: int, /) -> None:
    if not is_simulated(fd):
        _ftruncate(fd, length)
        return
    descriptor = held(fd)
    if not isinstance(descriptor, FileHandle):
        raise failure(errno.EINVAL)
    descriptor.truncate(length)


def fsync(fd: Any) -> None:
    """As `os.fsync`: a simulated write has taken its time by itself, so there is nothing to wait for."""
    if is_simulated(fd):
        held(fd)
    else:
        _fsync(fd)


def set_blocking(fd: int, blocking: bool, /) -> None:
    if is_simulated(fd):
        held(fd).blocking = bool(blocking)
    else:
        _set_blocking(fd, blocking)


def get_blocking(fd: int, /) -> bool:
    return held(fd).blocking if is_simulated(fd) else bool(_get_blocking(fd))


def set_inheritable(fd: int, inheritable: bool, /) -> None:
    """As `os.set_inheritable`: simulated children inherit only what is handed to them."""
    if not is_simulated(fd):
        _set_inheritable(fd, inheritable)


def get_inheritable(fd: int, /) -> bool:
    return False if is_simulated(fd) else _get_inheritable(fd)


def sendfile(out_fd: int, in_fd: int, *rest: Any, **options: Any) -> int:
    """As `os.sendfile`, which simulated descriptors do not support: callers then read and write."""
    if is_simulated(out_fd) or is_simulated(in_fd):
        raise failure(errno.ENOTSOCK)
    return int(_sendfile(out_fd, in_fd, *rest, **options))


def copy_file_range(src: int, dst: int, *rest: Any, **options: Any) -> int:
    """As `os.copy_file_range` between two file systems: callers then read and write."""
    if is_simulated(src) or is_simulated(dst):
        raise failure(errno.EXDEV)
    return int(_copy_file_range(src, dst, *rest, **options))


def fcntl(fd: Any, command: int, argument: Any = 0, /) -> Any:
    number = fd if isinstance(fd, int) else fd.fileno()
    if is_simulated(number):
        raise NotSimulated("fcntl.fcntl on a simulated descriptor is not simulated")
    return _fcntl(fd, command, argument)


try:
    import fcntl as _fcntl_module
except ImportError:  # Windows has none.
    _fcntl_module = None  # type: ignore[assignment]  # the name stays, to be asked for
_fcntl: Any = getattr(_fcntl_module, "fcntl", None)

_OURS = (
    read,
    readinto,
    write,
    close,
    pipe,
    pipe2,
    dup,
    dup2,
    fstat,
    isatty,
    lseek,
    ftruncate,
    fsync,
    set_blocking,
    get_blocking,
    set_inheritable,
    get_inheritable,
    sendfile,
    copy_file_range,
)


def patches() -> list[tuple[Any, str, Any]]:
    """What of `os` and `fcntl` a simulated process replaces for its descriptors."""
    replaced: list[tuple[Any, str, Any]] = [
        (_real, function.__name__, function) for function in _OURS if hasattr(_real, function.__name__)
    ]
    if _fcntl_module is not None:
        replaced.append((_fcntl_module, "fcntl", fcntl))
    return replaced
