"""What a disk holds: files and folders by path, and the operations on them. No time, no machine.

Every operation takes what was asked and returns (value, data) as `outside.Disk.ask` says, or raises
OSError with the errno that the real call would have.
"""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Callable
from dataclasses import dataclass

from grader.sim.host_ports import Open
from grader.sim.pipes import failure

MAX_PATH = 4_096
Answer = tuple[int, bytes]


class Node:
    """A file or folder: what stays the same while it is open, whatever happens to its name."""

    def __init__(self, number: int, path: str, *, is_folder: bool) -> None:
        self.number = number
        self.path = path
        self.is_folder = is_folder
        self.changed_ns = 0
        self.data = bytearray()
        self.openings = 0


@dataclass(frozen=True)
class Asked:
    """One question, as `Disk.ask` has it; `path` is absolute, `at_ns` when it takes effect."""

    path: str
    node: int
    offset: int
    size: int
    data: bytes
    at_ns: int = 0


class Contents:
    """The tree. `nodes` also keeps files that have lost their name and are still open."""

    def __init__(self, root: str, capacity_bytes: int) -> None:
        self.by_path: dict[str, Node] = {}
        self.nodes: dict[int, Node] = {}
        self._capacity = capacity_bytes
        self._used = 0
        self._last_number = 0
        self.add(root, is_folder=True)

    def perform(self, operation: str, asked: Asked) -> Answer:
        """Do one operation. Raises OSError."""
        function = _OPERATIONS.get(operation)
        if function is None:
            raise failure(errno.EINVAL)
        if len(asked.path) > MAX_PATH:
            raise failure(errno.ENAMETOOLONG)
        return function(self, asked)

    def add(self, place: str, *, is_folder: bool) -> Node:
        """Place something new at a path whose folder exists."""
        self._last_number += 1
        node = Node(self._last_number, place, is_folder=is_folder)
        self.by_path[place] = self.nodes[node.number] = node
        return node

    def _find(self, path: str) -> Node:
        if path not in self.by_path:
            raise failure(errno.ENOENT)
        return self.by_path[path]

    def _opened(self, asked: Asked) -> Node:
        if asked.node not in self.nodes:
            raise failure(errno.EBADF)
        return self.nodes[asked.node]

    def _must_have_folder(self, path: str) -> None:
        above = self._find(posixpath.dirname(path))
        if not above.is_folder:
            raise failure(errno.ENOTDIR)

    def _open(self, asked: Asked) -> Answer:
        flags, node = Open(asked.size & 31), self.by_path.get(asked.path)
        if node is None:
            if not flags & Open.CREATE:
                raise failure(errno.ENOENT)
            self._must_have_folder(asked.path)
            node = self.add(asked.path, is_folder=False)
            node.changed_ns = asked.at_ns
        elif flags & Open.EXCLUSIVE:
            raise failure(errno.EEXIST)
        elif node.is_folder:
            raise failure(errno.EISDIR)
        if flags & Open.TRUNCATE:
            self._resize(node, 0)
            node.changed_ns = asked.at_ns
        node.openings += 1
        return node.number, b"%d" % len(node.data)

    def _read(self, asked: Asked) -> Answer:
        node, start = self._opened(asked), max(0, asked.offset)
        return 0, bytes(node.data[start:] if asked.size < 0 else node.data[start : start + asked.size])

    def _write(self, asked: Asked) -> Answer:
        node = self._opened(asked)
        start = len(node.data) if asked.offset < 0 else asked.offset
        if not asked.data:
            return start, b""
        self._resize(node, max(len(node.data), start + len(asked.data)))
        node.data[start : start + len(asked.data)] = asked.data
        node.changed_ns = asked.at_ns
        return start + len(asked.data), b""

    def _truncate(self, asked: Asked) -> Answer:
        node = self._opened(asked)
        self._resize(node, max(0, asked.size))
        node.changed_ns = asked.at_ns
        return 0, b""

    def put(self, path: str, data: bytes, at_ns: int) -> None:
        """Give the file at that path, whose folder exists, that content."""
        node = self.by_path.get(path) or self.add(path, is_folder=False)
        self._resize(node, len(data))
        node.data[:] = data
        node.changed_ns = at_ns

    def _resize(self, node: Node, size: int) -> None:
        growth = size - len(node.data)
        if self._used + growth > self._capacity:
            raise failure(errno.ENOSPC)
        self._used += growth
        if growth > 0:
            node.data.extend(bytes(growth))
        else:
            del node.data[size:]

    def _close(self, asked: Asked) -> Answer:
        node = self._opened(asked)
        node.openings = max(0, node.openings - 1)
        self._drop_if_gone(node)
        return 0, b""

    def _drop_if_gone(self, node: Node) -> None:
        if not node.openings and self.by_path.get(node.path) is not node and node.number in self.nodes:
            self._resize(node, 0)
            del self.nodes[node.number]

    def _stat(self, asked: Asked) -> Answer:
        node = self._opened(asked) if asked.node else self._find(asked.path)
        kind = "d" if node.is_folder else "f"
        return len(node.data), f"{kind} {node.number} {node.changed_ns}".encode()

    def _below(self, path: str) -> list[Node]:
        prefix = path.rstrip("/") + "/"
        return [node for place, node in self.by_path.items() if place.startswith(prefix)]

    def _list(self, asked: Asked) -> Answer:
        if not self._find(asked.path).is_folder:
            raise failure(errno.ENOTDIR)
        inside = [node for node in self._below(asked.path) if posixpath.dirname(node.path) == asked.path]
        names = [posixpath.basename(node.path) + "/" * node.is_folder for node in inside]
        return 0, b"\0".join(os.fsencode(name) for name in names)

    def _mkdir(self, asked: Asked) -> Answer:
        if asked.path in self.by_path:
            raise failure(errno.EEXIST)
        self._must_have_folder(asked.path)
        self.add(asked.path, is_folder=True).changed_ns = asked.at_ns
        return 0, b""

    def _rmdir(self, asked: Asked) -> Answer:
        if not self._find(asked.path).is_folder:
            raise failure(errno.ENOTDIR)
        if self._below(asked.path):
            raise failure(errno.ENOTEMPTY)
        self.nodes.pop(self.by_path.pop(asked.path).number)
        return 0, b""

    def _unlink(self, asked: Asked) -> Answer:
        node = self._find(asked.path)
        if node.is_folder:
            raise failure(errno.EISDIR)
        del self.by_path[asked.path]
        self._drop_if_gone(node)
        return 0, b""

    def _rename(self, asked: Asked) -> Answer:
        """Where `asked.data` is the new path, absolute."""
        node, target = self._find(asked.path), posixpath.normpath(os.fsdecode(asked.data))
        self._must_have_folder(target)
        if target.startswith(asked.path + "/"):
            raise failure(errno.EINVAL)
        replaced = self.by_path.get(target)
        if replaced is not None and replaced.is_folder:
            raise failure(errno.EISDIR)
        if target != asked.path:
            moved = [node, *self._below(asked.path)] if node.is_folder else [node]
            for one in moved:
                del self.by_path[one.path]
                one.path = target + one.path[len(asked.path) :]
                self.by_path[one.path] = one
            if replaced is not None:
                self._drop_if_gone(replaced)
        return 0, b""


_OPERATIONS: dict[str, Callable[[Contents, Asked], Answer]] = {
    "open": Contents._open,
    "read": Contents._read,
    "write": Contents._write,
    "truncate": Contents._truncate,
    "close": Contents._close,
    "stat": Contents._stat,
    "list": Contents._list,
    "mkdir": Contents._mkdir,
    "rmdir": Contents._rmdir,
    "unlink": Contents._unlink,
    "rename": Contents._rename,
}
