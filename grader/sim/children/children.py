"""The child processes of one simulated machine: their ids, groups, streams and exit statuses.

Process ids start above any real one, so that a made-up id can never be a real process's. A child
that has exited is a zombie until its status is collected, by `os.waitpid` or by a loop's watch.
"""

from __future__ import annotations

import errno
import signal
from collections.abc import Callable

from grader.errors import NotSimulated
from grader.sim.children.standard_streams import Inheritance
from grader.sim.descriptors import DescriptorTable
from grader.sim.host_ports import ChildLauncher
from grader.sim.kernel import Kernel, Source
from grader.sim.pipes import failure
from grader.sim.signals import STOPPING, Signals

OWN_PID = 4_194_304
"""What `os.getpid()` answers; the greatest id that Linux gives a process is one less."""
INIT_PID = 1
_SIGCHLD = int(getattr(signal, "SIGCHLD", 17))

Matches = Callable[["Child"], bool]


class Child(Source):
    """One child process as its parent's machine knows it. Ready once its fate has been told."""

    def __init__(self, kernel: Kernel, pid: int, group: int, streams: Inheritance) -> None:
        super().__init__(kernel)
        self.pid = pid
        self.group = group
        self.streams = streams
        self.started = False
        self.refusal: tuple[int, str] | None = None
        self.status: int | None = None
        self.on_exit: Callable[[int], None] | None = None

    def ready(self) -> bool:
        return self.started or self.refusal is not None


class _Wanted(Source):
    """A thread's wish for any zombie that matches."""

    def __init__(self, children: Children, matches: Matches) -> None:
        super().__init__(children.kernel)
        self._children = children
        self._matches = matches

    def ready(self) -> bool:
        return self._children.has_news(self._matches)


class Children:
    """The table of child processes, and the machine's `ChildCalls`."""

    def __init__(self, kernel: Kernel, descriptors: DescriptorTable, signals: Signals) -> None:
        self.kernel = kernel
        self._descriptors = descriptors
        self._signals = signals
        self._launcher: ChildLauncher | None = None
        self._last_pid = OWN_PID
        self._children: dict[int, Child] = {}
        self._zombies: dict[int, Child] = {}
        self._wanted: dict[_Wanted, None] = {}

    def must_have_launcher(self) -> ChildLauncher:
        """Raises NotSimulated where no children can be started."""
        if self._launcher is None:
            raise NotSimulated("child processes: this world has no programs")
        return self._launcher

    def plug_into(self, launcher: ChildLauncher) -> None:
        """Have children started there. It answers to this object."""
        self._launcher = launcher

    # -- starting ----------------------------------------------------------------------------------
    def spawn(
        self,
        program: bytes,
        arguments: tuple[bytes, ...],
        folder: bytes,
        environment: tuple[bytes, ...] | None,
        fds: tuple[int, int, int],
        *,
        own_group: bool = False,
    ) -> int:
        """Start a child that inherits those three descriptors (-1: its parent's); returns its id.

        Waits for the answer, which comes at the same instant. Raises OSError as `exec` does, or
        NotSimulated.
        """
        launcher = self.must_have_launcher()
        pid = self._last_pid = self._last_pid + 1
        streams = Inheritance(self.kernel, self._descriptors, fds)
        child = Child(self.kernel, pid, pid if own_group else OWN_PID, streams)
        streams.serve(pid, launcher)
        self._children[pid] = child
        launcher.spawn(pid, program, arguments, folder, environment)
        self.kernel.wait(None, child, "subprocess.Popen")
        if child.refusal is not None:
            self._forget(child)
            error, why = child.refusal
            raise failure(error) if error else NotSimulated(why)
        return pid

    def _forget(self, child: Child) -> None:
        child.streams.close_all()
        self._children.pop(child.pid, None)
        self._zombies.pop(child.pid, None)

    # -- waiting -----------------------------------------------------------------------------------
    def has_news(self, matches: Matches) -> bool:
        """Whether a child that matches is a zombie, or there is none left to wait for."""
        return any(map(matches, self._zombies.values())) or not any(map(matches, self._children.values()))

    def collect(self, matches: Matches, until_ns: int | None, what: str) -> tuple[int, int] | None:
        """(id, status) of the first zombie that matches; None when none is by `until_ns`.

        Raises ChildProcessError when no child matches.
        """
        if not self._collectable(matches):
            wanted = _Wanted(self, matches)
            self._wanted[wanted] = None
            try:
                self.kernel.wait(until_ns, wanted, what)
            finally:
                del self._wanted[wanted]
        return self._take(matches)

    def collect_now(self, matches: Matches) -> tuple[int, int] | None:
        """As `collect`, without waiting."""
        self._collectable(matches)
        return self._take(matches)

    def _collectable(self, matches: Matches) -> bool:
        if not any(map(matches, self._children.values())):
            raise failure(errno.ECHILD)
        return any(map(matches, self._zombies.values()))

    def _take(self, matches: Matches) -> tuple[int, int] | None:
        for child in self._zombies.values():
            if matches(child):
                return child.pid, self._reap(child)
        if not any(map(matches, self._children.values())):
            raise failure(errno.ECHILD)
        return None

    def _reap(self, child: Child) -> int:
        assert child.status is not None
        self._forget(child)
        self.must_have_launcher().reaped(child.pid)
        return child.status

    def watch(self, pid: int, on_exit: Callable[[int], None]) -> None:
        """Reap that child as soon as it exits and call `on_exit(status)`, on whichever thread that is."""
        child = self._children.get(pid)
        if child is None:
            on_exit(255 << 8)
            return
        child.on_exit = on_exit
        if child.status is not None:
            on_exit(self._reap(child))

    # -- signalling --------------------------------------------------------------------------------
    def group_of(self, pid: int) -> int:
        """Raises ProcessLookupError for a process that is not of this machine."""
        if pid in (0, OWN_PID):
            return OWN_PID
        if pid not in self._children:
            raise failure(errno.ESRCH)
        return self._children[pid].group

    def send(self, pid: int, signum: int) -> None:
        """Send one process a signal; 0 only asks whether it is there.

        Raises ProcessLookupError, or PermissionError for the one foreign process there always is.
        """
        if pid == INIT_PID:
            raise failure(errno.EPERM)
        if pid == OWN_PID:
            self._signals.raise_here(signum)
        elif pid in self._children:
            self._send_to_child(self._children[pid], signum)
        else:
            raise failure(errno.ESRCH)

    def send_to_group(self, group: int, signum: int) -> None:
        """Send every process of a group a signal. Raises ProcessLookupError where there is none."""
        members = [child for child in self._children.values() if child.group == group]
        if not members and group != OWN_PID:
            raise failure(errno.ESRCH)
        for child in members:
            self._send_to_child(child, signum)
        if group == OWN_PID:
            self._signals.raise_here(signum)

    def _send_to_child(self, child: Child, signum: int) -> None:
        if signum in STOPPING:
            raise NotSimulated(f"{signal.Signals(signum).name}: processes do not stop and go on here")
        if signum and child.status is None:
            self.must_have_launcher().signal(child.pid, signum)

    # -- what the outside tells --------------------------------------------------------------------
    def started(self, pid: int) -> None:
        if pid in self._children:
            self._children[pid].started = True
            self._children[pid].changed()

    def not_started(self, pid: int, error: int, why: str) -> None:
        if pid in self._children:
            self._children[pid].refusal = (error, why)
            self._children[pid].changed()

    def read(self, pid: int, size: int) -> None:
        if pid in self._children:
            self._children[pid].streams.read(size)

    def write(self, pid: int, fd: int, data: bytes) -> None:
        if pid in self._children:
            self._children[pid].streams.write(fd, data)

    def close(self, pid: int, fd: int) -> None:
        if pid in self._children:
            self._children[pid].streams.close(fd)

    def exited(self, pid: int, status: int) -> None:
        child = self._children.get(pid)
        if child is None or child.status is not None:
            return
        child.status = status
        child.streams.close_all()
        self._zombies[pid] = child
        if child.on_exit is not None:
            child.on_exit(self._reap(child))
        for wanted in list(self._wanted):
            wanted.changed()
        self._signals.deliver(_SIGCHLD)
