"""The simulated files of one machine: a small tree under declared roots, kept by a slow disk outside.

Everything under a root, and every relative path, is simulated once a disk is plugged in; all else
passes to the real machine, so that imports of the standard library go on working. Each operation is
a question to the disk, and the calling thread waits for the answer in virtual time.
"""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Callable
from typing import Any, NamedTuple

from grader.errors import NotSimulated
from grader.sim.descriptors import READABLE, WRITABLE
from grader.sim.host_ports import Disk, Open
from grader.sim.kernel import NS, Flag, Kernel
from grader.sim.pipes import ByteDescriptor, failure


class Reply(NamedTuple):
    """A disk's answer; see `Disk.ask` for what each operation's value and data mean."""

    error: int
    value: int
    data: bytes


class FileEntry(NamedTuple):
    """What a disk says of one path."""

    is_folder: bool
    size: int
    node: int
    changed_ns: int
    """When it was last changed, since the epoch."""

    def status(self) -> os.stat_result:
        """As `os.stat` gives it."""
        mode = stat.S_IFDIR | 0o755 if self.is_folder else stat.S_IFREG | 0o644
        return stat_result(mode, node=self.node, size=self.size, at_ns=self.changed_ns)


def stat_result(mode: int, *, node: int, size: int = 0, at_ns: int = 0) -> os.stat_result:
    """An `os.stat_result` of this machine; `at_ns` is when it was last changed, since the epoch."""
    seconds = at_ns // NS
    links = 2 if stat.S_ISDIR(mode) else 1
    whole = (mode, node, 1, links, 1_000, 1_000, size, seconds, seconds, seconds)
    return os.stat_result((*whole, *(at_ns / NS,) * 3, *(at_ns,) * 3))


class FileTree:
    """The machine's side of its files, and its `DiskReplies`."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._disk: Disk | None = None
        self._roots: tuple[str, ...] = ()
        self._numbers = 0
        self._unanswered: dict[int, Callable[[Reply], None]] = {}
        self.folder: str | None = None
        """The working directory, None for the real one."""

    def plug_into(self, disk: Disk, roots: tuple[str, ...], folder: str) -> None:
        """Simulate everything under `roots` (absolute, with slashes) and relative to `folder`."""
        self._disk, self._roots, self.folder = disk, roots, folder

    def place(self, path: Any) -> str | None:
        """The absolute path within the tree, None for a path of the real machine."""
        if self._disk is None:
            return None
        name = os.fsdecode(path)
        if "\0" in name:
            raise ValueError("embedded null byte")
        if os.sep == "\\":
            name = name.replace("\\", "/")
        if name.startswith("<") and name.endswith(">"):
            # The name of a piece of code: tracebacks and `inspect` look whether it is a file.
            return None
        absolute = posixpath.normpath(posixpath.join(self.folder or "/", name))
        inside = any(absolute == root or absolute.startswith(root.rstrip("/") + "/") for root in self._roots)
        return absolute if inside else None

    def begin(self, answer: Callable[[Reply], None], operation: str, **asked: Any) -> None:
        """Ask the disk; `answer` is called when it is done."""
        if self._disk is None:
            raise NotSimulated("files: this world has no disk")
        self._numbers += 1
        self._unanswered[self._numbers] = answer
        self._ask(self._numbers, operation, **asked)

    def _ask(
        self,
        number: int,
        operation: str,
        path: str = "",
        node: int = 0,
        offset: int = 0,
        size: int = 0,
        data: bytes = b"",
    ) -> None:
        assert self._disk is not None
        self._disk.ask(number, operation, os.fsencode(path), node, offset, size, data)

    def tell(self, operation: str, **asked: Any) -> None:
        """Tell the disk something that it does not answer."""
        if self._disk is not None:
            self._ask(0, operation, **asked)

    def request(self, what: str, operation: str, *, name: Any = None, **asked: Any) -> Reply:
        """Ask the disk and wait for its answer. Raises OSError, with `name` as the learner wrote it."""
        done, replies = Flag(self._kernel), []

        def answer(reply: Reply) -> None:
            replies.append(reply)
            done.set()

        self.begin(answer, operation, **asked)
        self._kernel.wait(None, done, what)
        reply: Reply = replies[0]
        if reply.error:
            raise OSError(reply.error, os.strerror(reply.error), *([] if name is None else [name]))
        return reply

    def entry(self, what: str, *, name: Any = None, **asked: Any) -> FileEntry:
        """What is at a path or behind a node. Raises FileNotFoundError."""
        reply = self.request(what, "stat", name=name, **asked)
        kind, node, changed_ns = reply.data.split()
        return FileEntry(kind == b"d", reply.value, int(node), int(changed_ns))

    def open(self, name: Any, path: str, flags: Open, *, append: bool, at_end: bool = False) -> FileHandle:
        """Open a file, and stand at its end if asked. Raises OSError as `open` does."""
        reply = self.request(f"open({name!r})", "open", name=name, path=path, size=int(flags))
        handle = FileHandle(self._kernel, self, reply.value, flags, append=append)
        if at_end:
            handle.seek(int(reply.data), os.SEEK_SET)
        return handle

    def done(self, number: int, error: int, value: int, data: bytes) -> None:
        answer = self._unanswered.pop(number, None)
        if answer is not None:
            answer(Reply(error, value, data))


class FileHandle(ByteDescriptor):
    """An open file of the tree. Reading and writing wait for the disk."""

    file_type = stat.S_IFREG

    def __init__(self, kernel: Kernel, tree: FileTree, node: int, flags: Open, *, append: bool) -> None:
        super().__init__(kernel)
        self._tree = tree
        self._node = node
        self._flags = flags
        self._append = append
        self._holders = [1]
        """How many descriptors there are of this opening; shared with the duplicates."""
        self._position = [0]
        """Where it reads and writes next; shared with the duplicates, as POSIX has it."""

    def poll(self) -> int:
        return READABLE | WRITABLE

    def status(self) -> os.stat_result:
        """What `os.fstat` answers."""
        return self._tree.entry("os.fstat", node=self._node).status()

    def read(self, size: int) -> bytes | None:
        self._must(Open.READ)
        reply = self._tree.request("file.read", "read", node=self._node, offset=self._position[0], size=size)
        self._position[0] += len(reply.data)
        return reply.data

    def read_all(self) -> bytes:
        """Everything from here on, as one operation of the disk."""
        return self.read(-1) or b""

    def write(self, data: bytes) -> int | None:
        self._must(Open.WRITE)
        if not data:
            return 0
        target = self._take_place(len(data))
        reply = self._tree.request("file.write", "write", node=self._node, offset=target, data=data)
        self._wrote(reply)
        return len(data)

    def begin_read(self, size: int, answer: Callable[[bytes], None]) -> None:
        """As `read`, for a child process: nobody waits; an error reads as the end."""

        def done(reply: Reply) -> None:
            self._position[0] += len(reply.data)
            answer(reply.data)

        self._tree.begin(done, "read", node=self._node, offset=self._position[0], size=size)

    def begin_write(self, data: bytes, answer: Callable[[int], None]) -> None:
        """As `write`, for a child process; answers with the errno."""

        def done(reply: Reply) -> None:
            self._wrote(reply)
            answer(reply.error)

        self._tree.begin(done, "write", node=self._node, offset=self._take_place(len(data)), data=data)

    def _must(self, flag: Open) -> None:
        if not self._flags & flag:
            raise failure(errno.EBADF)

    def _take_place(self, size: int) -> int:
        """Where to write that much. The next writer, if there is one meanwhile, goes after it."""
        if self._append:
            return -1
        place = self._position[0]
        self._position[0] += size
        return place

    def _wrote(self, reply: Reply) -> None:
        if self._append and not reply.error:
            self._position[0] = reply.value

    def seek(self, position: int, whence: int) -> int:
        base = (0, self._position[0], 0)[whence]
        if whence == os.SEEK_END:
            base = self._tree.entry("file.seek", node=self._node).size
        if base + position < 0:
            raise failure(errno.EINVAL)
        self._position[0] = base + position
        return self._position[0]

    def truncate(self, size: int) -> None:
        self._must(Open.WRITE)
        self._tree.request("file.truncate", "truncate", node=self._node, size=size)

    def close(self) -> None:
        self._holders[0] -= 1
        if not self._holders[0]:
            self._tree.tell("close", node=self._node)

    def duplicate(self) -> FileHandle:
        copy = FileHandle(self.kernel, self._tree, self._node, self._flags, append=self._append)
        copy._holders, copy._position = self._holders, self._position
        self._holders[0] += 1
        return copy
