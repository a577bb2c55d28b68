"""The guest's child processes and disk as messages: programs and files live in the judge."""

from __future__ import annotations

import errno
import os

from grader import wire
from grader.guest.link import Link
from grader.sim.machine import Machine
from grader.wire.actions import MAX_ARGUMENTS, MAX_PATH


class WireLauncher:
    """The guest's `sim.host_ports.ChildLauncher`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def spawn(
        self,
        pid: int,
        program: bytes,
        arguments: tuple[bytes, ...],
        folder: bytes,
        environment: tuple[bytes, ...] | None,
    ) -> None:
        if max(len(arguments), len(environment or ())) > MAX_ARGUMENTS:
            raise OSError(errno.E2BIG, os.strerror(errno.E2BIG))
        program, folder = program[:MAX_PATH], folder[:MAX_PATH]
        self._link.act(wire.Spawn(pid, program, arguments, folder, environment))

    def signal(self, pid: int, signum: int) -> None:
        self._link.act(wire.SignalChild(pid, signum))

    def reaped(self, pid: int) -> None:
        self._link.act(wire.Reaped(pid))

    def have_read(self, pid: int, data: bytes) -> None:
        self._link.act(wire.HaveRead(pid, data))

    def have_written(self, pid: int, fd: int, error: int) -> None:
        self._link.act(wire.HaveWritten(pid, fd, error))


class WireDisk:
    """The guest's `sim.host_ports.Disk`."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def ask(
        self, number: int, operation: str, path: bytes, node: int, offset: int, size: int, data: bytes
    ) -> None:
        self._link.act(wire.AskDisk(number, operation, path[:MAX_PATH], node, offset, size, data))


def attach(machine: Machine, link: Link) -> None:
    """Give a guest's machine its children, its signals, and its files once the judge mounts some."""
    children, files = machine.children, machine.files
    children.plug_into(WireLauncher(link))
    disk = WireDisk(link)
    on = link.on
    on(wire.Started, lambda m: children.started(m.pid))
    on(wire.NotStarted, lambda m: children.not_started(m.pid, m.error, m.why))
    on(wire.ChildReads, lambda m: children.read(m.pid, m.size))
    on(wire.ChildWrites, lambda m: children.write(m.pid, m.fd, m.data))
    on(wire.ChildCloses, lambda m: children.close(m.pid, m.fd))
    on(wire.ChildExited, lambda m: children.exited(m.pid, m.status))
    on(wire.Mount, lambda m: files.plug_into(disk, tuple(m.roots), m.folder))
    on(wire.DiskDone, lambda m: files.done(m.number, m.error, m.value, m.data))
    on(wire.Signal, lambda m: machine.deliver_signal(m.signum))
