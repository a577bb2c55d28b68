"""The guest's programs and files on the judge's side: its messages become calls, answers messages."""

from __future__ import annotations

from grader import wire
from grader.judge.guest import GuestSession
from grader.sim.children.programs import Programs
from grader.sim.disk.slowfiles import SlowFiles


class ChildrenPort:
    """What programs ask of the guest's machine, as messages to it (`sim.host_ports.ChildCalls`)."""

    def __init__(self, guest: GuestSession) -> None:
        self._post = guest.post

    def started(self, pid: int) -> None:
        self._post(wire.Started(pid))

    def not_started(self, pid: int, error: int, why: str) -> None:
        self._post(wire.NotStarted(pid, error, why))

    def read(self, pid: int, size: int) -> None:
        self._post(wire.ChildReads(pid, size))

    def write(self, pid: int, fd: int, data: bytes) -> None:
        self._post(wire.ChildWrites(pid, fd, data))

    def close(self, pid: int, fd: int) -> None:
        self._post(wire.ChildCloses(pid, fd))

    def exited(self, pid: int, status: int) -> None:
        self._post(wire.ChildExited(pid, status))


class DiskPort:
    """What the disk answers, as messages to the guest (`sim.host_ports.DiskReplies`)."""

    def __init__(self, guest: GuestSession) -> None:
        self._post = guest.post

    def done(self, number: int, error: int, value: int, data: bytes) -> None:
        self._post(wire.DiskDone(number, error, value, data))


def attach_programs(guest: GuestSession, programs: Programs) -> None:
    """Let the guest execute these programs."""
    programs.plug_into(ChildrenPort(guest))
    guest.handle(
        {
            wire.Spawn: lambda m: programs.spawn(m.pid, m.program, m.arguments, m.folder, m.environment),
            wire.SignalChild: lambda m: programs.signal(m.pid, m.signum),
            wire.Reaped: lambda m: programs.reaped(m.pid),
            wire.HaveRead: lambda m: programs.have_read(m.pid, m.data),
            wire.HaveWritten: lambda m: programs.have_written(m.pid, m.fd, m.error),
        }
    )


def attach_files(guest: GuestSession, files: SlowFiles) -> None:
    """Mount these files in the guest; relative paths are in their root."""
    files.plug_into(DiskPort(guest))
    guest.handle(
        {
            wire.AskDisk: lambda m: files.ask(
                m.number, m.operation, m.path, m.node, m.offset, m.size, m.data
            ),
        }
    )
    guest.post(wire.Mount([files.root], files.root))
