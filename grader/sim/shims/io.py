"""File objects over simulated descriptors: what `open`, `os.fdopen` and `Popen.stdout` give.

The standard library's own layers are used, with the buffer that is written in Python (`buffers`).
"""

from __future__ import annotations

import io
from typing import Any

from grader.sim import world
from grader.sim.disk.files import FileHandle
from grader.sim.shims import os_descriptors

_BUFFER_BYTES = io.DEFAULT_BUFFER_SIZE


class DescriptorIO(io.RawIOBase):
    """As `io.FileIO`, on a simulated descriptor; inert once its world has ended."""

    def __init__(self, fd: int, mode: str, *, closefd: bool = True, name: Any = None) -> None:
        super().__init__()
        self._machine = world.current()
        self._fd = fd
        self._reads = "r" in mode or "+" in mode
        self._writes = "+" in mode or "r" not in mode
        self.closefd = closefd
        self.mode = mode if "b" in mode else mode + "b"
        self.name = fd if name is None else name

    def _must_be_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def fileno(self) -> int:
        self._must_be_open()
        return self._fd

    def readable(self) -> bool:
        self._must_be_open()
        return self._reads

    def writable(self) -> bool:
        self._must_be_open()
        return self._writes

    def seekable(self) -> bool:
        self._must_be_open()
        return isinstance(os_descriptors.held(self._fd), FileHandle)

    def isatty(self) -> bool:
        self._must_be_open()
        return False

    def readinto(self, buffer: Any, /) -> int | None:
        if not self.readable():
            raise io.UnsupportedOperation("not readable")
        view = memoryview(buffer).cast("B")
        try:
            data = os_descriptors.read_in(self._fd, len(view), "pipe.read")
        except BlockingIOError:
            return None
        view[: len(data)] = data
        return len(data)

    def readall(self) -> bytes | None:  # type: ignore[override]  # None when nothing is there yet, as FileIO's
        descriptor = os_descriptors.held(self._fd)
        if isinstance(descriptor, FileHandle) and self.readable():
            return descriptor.read_all()
        return super().readall()

    def write(self, data: Any, /) -> int | None:
        if self._machine.kernel.ended:
            return memoryview(data).nbytes
        if not self.writable():
            raise io.UnsupportedOperation("not writable")
        try:
            return os_descriptors.write_in(self._fd, bytes(data), "pipe.write")
        except BlockingIOError:
            return None

    def seek(self, position: int, whence: int = 0, /) -> int:
        self._must_be_open()
        return os_descriptors.lseek(self._fd, position, whence)

    def tell(self) -> int:
        return self.seek(0, 1)

    def truncate(self, size: int | None = None, /) -> int:
        if not self.writable():
            raise io.UnsupportedOperation("truncate")
        length = self.tell() if size is None else size
        os_descriptors.ftruncate(self._fd, length)
        return length

    def close(self) -> None:
        if self.closed:
            return
        try:
            if self.closefd and not self._machine.kernel.ended:
                os_descriptors.close(self._fd)
        finally:
            super().close()

    def __repr__(self) -> str:
        state = "[closed]" if self.closed else f"name={self.name!r} mode={self.mode!r}"
        return f"<_io.FileIO {state}>"


def open_descriptor(
    fd: int,
    mode: str = "r",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    closefd: bool = True,
    *,
    name: Any = None,
) -> Any:
    """As `open` on a simulated descriptor. Raises ValueError for the modes that `open` refuses."""
    binary = "b" in mode
    check_mode(mode, buffering, encoding, errors, newline)
    os_descriptors.held(fd)
    raw = DescriptorIO(fd, mode.replace("b", "").replace("t", ""), closefd=closefd, name=name)
    if buffering == 0:
        return raw
    try:
        # Imported when first needed: no kata without files or children pays for it.
        from grader.sim.shims.io_buffers import buffered_on

        buffered = buffered_on(raw, _BUFFER_BYTES if buffering in (-1, 1) else buffering)
        if binary:
            return buffered
        text = io.TextIOWrapper(buffered, encoding or "utf-8", errors, newline, line_buffering=buffering == 1)
        text.mode = mode  # type: ignore[misc]  # as `open` itself does
        return text
    except BaseException:
        raw.close()
        raise


def check_mode(mode: str, buffering: int, *text_options: str | None) -> None:
    letters = set(mode)
    binary = "b" in letters
    if len(letters) != len(mode) or letters - set("rwxabt+") or len(letters & set("rwxa")) != 1:
        raise ValueError(f"invalid mode: {mode!r}")
    if binary and "t" in letters:
        raise ValueError("can't have text and binary mode at once")
    if binary and any(option is not None for option in text_options):
        raise ValueError("binary mode doesn't take an encoding, errors or newline argument")
    if buffering == 0 and not binary:
        raise ValueError("can't have unbuffered text I/O")
