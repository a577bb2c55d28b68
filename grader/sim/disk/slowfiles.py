"""A slow disk: the small tree of files that a suite supplies, with a cost per operation in virtual time.

Lives where the clock lives: in the judge, or in a world alone. It keeps a log of what was done and
when, which is evidence. What it is asked comes from untrusted code: bounded in size, never trusted.
"""

from __future__ import annotations

import errno
import os
import posixpath
from dataclasses import dataclass

from grader.sim.disk.contents import Asked, Contents
from grader.sim.host_ports import DiskReplies
from grader.sim.kernel import Kernel
from grader.sim.pipes import failure
from grader.sim.readings import EPOCH_NS

LOG_BYTES = 16 << 20
_READING = {"read"}
_WRITING = {"write", "truncate"}
_OPENING = {"open"}


@dataclass(frozen=True)
class Costs:
    """How long operations take, in virtual nanoseconds. Operations do not wait for one another."""

    open_ns: int = 0
    read_ns: int = 0
    write_ns: int = 0
    look_ns: int = 0
    """For everything else: stat, list, mkdir, unlink, rename."""

    def of(self, operation: str) -> int:
        if operation in _READING:
            return self.read_ns
        if operation in _WRITING:
            return self.write_ns
        return self.open_ns if operation in _OPENING else self.look_ns


@dataclass
class Operation:
    """One operation as the disk saw it. `end_ns` is None while it is under way."""

    kind: str
    """`open`, `read`, `write`, `truncate`, `close`, `stat`, `list`, `mkdir`, `rmdir`, `unlink`, `rename`."""
    path: str
    start_ns: int
    end_ns: int | None = None
    size: int = 0
    """How many bytes were written, or read."""
    data: bytes = b""
    """Those bytes; the log keeps the first `LOG_BYTES` of all of them and no more."""
    error: int = 0


class SlowFiles:
    """See the module's header. A machine's `Disk`; what a suite calls itself takes no time."""

    def __init__(
        self,
        kernel: Kernel,
        *,
        root: str = "/srv",
        costs: Costs | None = None,
        capacity_bytes: int = 64 << 20,
    ) -> None:
        self.root = root
        self.costs = costs or Costs()
        self.log: list[Operation] = []
        self._kernel = kernel
        self._replies: DiskReplies | None = None
        self._contents = Contents(root, capacity_bytes)
        self._costs: dict[str, Costs] = {}
        self._faults: dict[tuple[str, str], int] = {}
        self._log_room = LOG_BYTES

    def plug_into(self, replies: DiskReplies) -> None:
        """Answer that machine."""
        self._replies = replies

    # -- what a suite does -------------------------------------------------------------------------
    def _absolute(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.root, path))

    def put(self, path: str, data: bytes = b"", *, costs: Costs | None = None) -> None:
        """Place a file with that content, and the folders above it; it may have costs of its own."""
        place = self._absolute(path)
        self.put_folder(posixpath.dirname(place))
        self._contents.put(place, data, EPOCH_NS + self._kernel.now_ns)
        if costs is not None:
            self._costs[place] = costs

    def put_folder(self, path: str) -> None:
        """Place a folder, and those above it."""
        place = self._absolute(path)
        if place not in self._contents.by_path and place != "/":
            self.put_folder(posixpath.dirname(place))
            self._contents.add(place, is_folder=True)

    def get(self, path: str) -> bytes:
        """What is in a file now. Raises KeyError when there is none."""
        return bytes(self._contents.by_path[self._absolute(path)].data)

    def paths(self) -> tuple[str, ...]:
        """All files, in the order in which they were made."""
        return tuple(place for place, node in self._contents.by_path.items() if not node.is_folder)

    def still_open(self) -> tuple[str, ...]:
        """The files that have been opened and not closed."""
        return tuple(node.path for node in self._contents.nodes.values() for _ in range(node.openings))

    def fail(self, kind: str, path: str, error: int) -> None:
        """From now on that kind of operation on that path fails with that errno; 0 mends it."""
        self._faults[(kind, self._absolute(path))] = error

    # -- what the machine asks ---------------------------------------------------------------------
    def ask(
        self, number: int, operation: str, path: bytes, node: int, offset: int, size: int, data: bytes
    ) -> None:
        place = self._absolute(os.fsdecode(path)) if path else self._path_of(node)
        if operation == "rename":
            data = os.fsencode(self._absolute(os.fsdecode(data)))
        entry = Operation(operation, place, self._kernel.now_ns)
        if operation == "write":
            self._keep(entry, data)
        self.log.append(entry)
        asked = (node, offset, size, data)
        if not number:
            self._perform(number, entry, *asked)
            return
        cost_ns = self._costs.get(place, self.costs).of(operation)
        self._kernel.call_at(self._kernel.now_ns + cost_ns, self._perform, number, entry, *asked)

    def _keep(self, entry: Operation, data: bytes) -> None:
        entry.size = len(data)
        if self._log_room >= len(data):
            self._log_room -= len(data)
            entry.data = data

    def _path_of(self, number: int) -> str:
        node = self._contents.nodes.get(number)
        return "" if node is None else node.path

    def _perform(self, number: int, entry: Operation, node: int, offset: int, size: int, data: bytes) -> None:
        value, answer = 0, b""
        asked = Asked(entry.path, node, offset, size, data, EPOCH_NS + self._kernel.now_ns)
        try:
            fault = self._faults.get((entry.kind, entry.path), 0)
            if fault:
                raise failure(fault)
            value, answer = self._contents.perform(entry.kind, asked)
        except OSError as error:
            entry.error = error.errno or errno.EIO
        entry.end_ns = self._kernel.now_ns
        if entry.kind == "read":
            self._keep(entry, answer)
        if number and self._replies is not None:
            self._replies.done(number, entry.error, value, answer)
