"""What lies outside one machine besides the network: child processes and a disk. Narrow interfaces.

A machine calls its `ChildLauncher` and `Disk`, which never block; they call back the machine's
`ChildCalls` and `DiskReplies`. In a world alone the outside is `Programs` and `SlowFiles` themselves;
in a guest each call is a message to the judge and each answer a message from it. Everything that
crosses is a number or bytes: names of files and arguments need not be text.

A child's code runs outside, and its descriptors are the machine's: what a child reads and writes are
system calls that it asks of the machine, answered when a real one would have returned.
"""

from __future__ import annotations

import enum
from typing import Protocol

STDIN, STDOUT, STDERR = 0, 1, 2


class ChildLauncher(Protocol):
    """What a machine asks about its child processes. The machine chooses the process ids."""

    def spawn(
        self,
        pid: int,
        program: bytes,
        arguments: tuple[bytes, ...],
        folder: bytes,
        environment: tuple[bytes, ...] | None,
    ) -> None:
        """Start a child; answered by `started` or `not_started`.

        `program` is the file to execute, `arguments` what it gets as argv, `environment` its
        NAME=value entries, None for "as its parent's".
        """

    def signal(self, pid: int, signum: int) -> None:
        """Send a running child a signal."""

    def reaped(self, pid: int) -> None:
        """The exit status has been collected: the child is no zombie any more."""

    def have_read(self, pid: int, data: bytes) -> None:
        """Answers `read`; b"" is the end of the child's standard input."""

    def have_written(self, pid: int, fd: int, error: int) -> None:
        """Answers `write`: 0 when all of it went, else why not (EPIPE)."""


class ChildCalls(Protocol):
    """What the outside tells of children, and what children ask of the machine."""

    def started(self, pid: int) -> None: ...

    def not_started(self, pid: int, error: int, why: str) -> None:
        """`error` is an errno, 0 when the outside does not simulate what was asked: `why` says what."""

    def read(self, pid: int, size: int) -> None:
        """The child reads at most `size` bytes of its standard input; one read at a time."""

    def write(self, pid: int, fd: int, data: bytes) -> None:
        """The child writes to STDOUT or STDERR; one write at a time on each."""

    def close(self, pid: int, fd: int) -> None:
        """The child closes one of its standard streams."""

    def exited(self, pid: int, status: int) -> None:
        """The child is over; `status` is as `os.waitpid` gives it."""


class Open(enum.IntFlag):
    """How a file is opened."""

    READ = 1
    WRITE = 2
    CREATE = 4
    EXCLUSIVE = 8
    TRUNCATE = 16


class Disk(Protocol):
    """What a machine asks about the files of its simulated tree."""

    def ask(
        self, number: int, operation: str, path: bytes, node: int, offset: int, size: int, data: bytes
    ) -> None:
        """Do one operation; answered by `done(number, ...)`, or not at all for number 0.

        An open file is named by its node, everything else by its path:

        =========  ===========================================  ========================================
        operation  asks with                                    is answered with
        =========  ===========================================  ========================================
        open       path, size: flags of `Open`                  value: the node; data: its size
        read       node, offset, size (-1 for all)              data
        write      node, offset (-1 for the end), data          value: the offset after it
        truncate   node, size
        close      node
        stat       path, or node for path b""                   value: size; data: b"f|d node changed_ns"
        list       path                                         data: names joined by b"\\0", folders as name/
        mkdir      path
        rmdir      path
        unlink     path
        rename     path, data: the new path
        =========  ===========================================  ========================================
        """


class DiskReplies(Protocol):
    """What a disk answers."""

    def done(self, number: int, error: int, value: int, data: bytes) -> None:
        """The operation with that number has ended; `error` is an errno, 0 for none."""
