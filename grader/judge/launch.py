"""Starting guests: a warm zygote that forks them, or a process each where there is no fork.

The judge starts the guest's side by name (`-m grader.guest`) and never imports it, so that the
process that holds suites and expected values never holds the code that serves a learner's.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

import grader
from grader.errors import JudgeError
from grader.judge.pipe import FramePipe, SocketPipe, StreamPipe
from grader.records import Limits
from grader.wire.control import End, Ending, Fork, Order, Report, SandboxPolicy, control_frame, read_report
from grader.wire.framing import HEADER, read_frame

CAN_FORK = hasattr(os, "fork") and hasattr(socket, "send_fds")
APART = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""Windows: Ctrl-C in the console is for us, and no process that is started with this flag sees it."""
_GRACE_S = 5.0


class GuestChild(Protocol):
    """One running guest process."""

    pid: int
    pipe: FramePipe

    def end(self) -> Ending:
        """Kill it if it still runs, reap it, and say how it ended."""

    def dismiss(self) -> None:
        """Have it killed and reaped, and do not wait to hear how it ended."""


class GuestLauncher(Protocol):
    """Where guests come from."""

    @property
    def is_alive(self) -> bool:
        """Whether it can still launch any; a system short of memory may have killed what it needs."""

    def expect(self, level: str, limits: Limits) -> None:
        """Be told what will be launched next, to make it ready meanwhile."""

    def launch(self, level: str, limits: Limits) -> GuestChild:
        """A fresh guest. Raises JudgeError if it cannot be started."""

    def close(self) -> None:
        """End whatever still runs."""


def launcher(requires: tuple[str, ...] = (), *, fork: bool = CAN_FORK) -> GuestLauncher:
    """A zygote where the platform has fork, else a process per guest."""
    return ZygoteClient(requires) if fork else Spawner(requires)


def environment() -> dict[str, str]:
    """As little as a guest's interpreter needs, and the same everywhere: sets walk in one order,

    local time is UTC, text is UTF-8, and threads share one heap. (glibc would set aside 64 MB of the
    guest's address space for each of the first few threads, of which there are more on bigger machines.)
    """
    root = str(Path(grader.__file__).parent.parent)
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ}  # Windows'
    text = {"PYTHONUTF8": "1", "LANG": "C.UTF-8"}
    same = {"PYTHONHASHSEED": "0", "TZ": "UTC0", "MALLOC_ARENA_MAX": "1", **text}
    return {**kept, **same, "PYTHONPATH": root}


def command(*arguments: str) -> list[str]:
    """The command that starts a guest's side, by name."""
    return [sys.executable, "-s", "-P", "-m", "grader.guest", *arguments]


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Ctrl-C in a terminal is the judge's to act on: what is started meanwhile never sees it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Spare(NamedTuple):
    """A guest that was forked ahead of its check."""

    policy: SandboxPolicy
    order: int
    wire: socket.socket


class ZygoteClient:
    """The judge's end of a zygote's control socket; see `grader.guest.zygote`.

    Orders are numbered and answered in turn. Nobody waits for an answer before it is needed: while
    one guest is at work the next is forked and shut in, and the one before is put away.
    """

    def __init__(self, requires: tuple[str, ...] = ()) -> None:
        self._control, theirs = socket.socketpair()
        self._sent = self._heard = 0
        self._reports: dict[int, Report] = {}
        self._unwanted: set[int] = set()
        self._spare: _Spare | None = None
        with theirs, _interrupts_held_back():
            self._process = subprocess.Popen(
                command("zygote", str(theirs.fileno()), *requires),
                pass_fds=[theirs.fileno()],
                env=environment(),
                stdin=subprocess.DEVNULL,
                cwd="/",
            )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def expect(self, level: str, limits: Limits) -> None:
        self._ready(SandboxPolicy(level, limits))

    def launch(self, level: str, limits: Limits) -> GuestChild:
        policy = SandboxPolicy(level, limits)
        guest, self._spare = self._ready(policy), None
        try:
            self._spare = self._fork(policy)
            return _Forked(self, self._report(guest.order).pid, SocketPipe(guest.wire))
        except JudgeError:
            guest.wire.close()
            raise

    def _ready(self, policy: SandboxPolicy) -> _Spare:
        """The spare guest, replaced if it is one for another policy."""
        spare = self._spare
        if spare is not None and spare.policy == policy:
            return spare
        if spare is not None:
            spare.wire.close()
            self.dismiss(self._report(spare.order).pid)
        self._spare = spare = self._fork(policy)
        return spare

    def _fork(self, policy: SandboxPolicy) -> _Spare:
        mine, theirs = socket.socketpair()
        try:
            with theirs:
                order = self._order(Fork(policy), theirs.fileno())
        except JudgeError:
            mine.close()
            raise
        return _Spare(policy, order, mine)

    def end(self, pid: int) -> Ending:
        return self._report(self._order(End(pid))).ending

    def dismiss(self, pid: int) -> None:
        self._unwanted.add(self._order(End(pid)))

    def _order(self, order: Order, descriptor: int | None = None) -> int:
        """Send an order, and return its number."""
        message = control_frame(order)
        try:
            if descriptor is None:
                self._control.sendall(message)
            else:
                # The descriptor travels with the header; the zygote reads exactly that first.
                socket.send_fds(self._control, [message[: HEADER.size]], [descriptor])
                self._control.sendall(message[HEADER.size :])
        except OSError as error:
            raise JudgeError(f"the zygote is gone: {error}") from error
        self._sent += 1
        return self._sent

    def _report(self, order: int) -> Report:
        """What became of an order."""
        while order not in self._reports:
            try:
                report = read_report(read_frame(self._control.recv))
            except (OSError, EOFError) as error:
                raise JudgeError(f"the zygote is gone: {error}") from error
            self._heard += 1
            if self._heard in self._unwanted:
                self._unwanted.remove(self._heard)
            else:
                self._reports[self._heard] = report
        return self._reports.pop(order)

    def close(self) -> None:
        if self._spare is not None:
            self._spare.wire.close()
        # Its end closes as it ends: waiting for that costs less than asking the system every millisecond.
        self._control.settimeout(_GRACE_S)
        with self._control, contextlib.suppress(OSError):
            try:
                self._control.shutdown(socket.SHUT_WR)
                while self._control.recv(1 << 16):
                    pass
            except TimeoutError:
                self._process.kill()
        self._process.wait()


class _Forked:
    def __init__(self, zygote: ZygoteClient, pid: int, pipe: FramePipe) -> None:
        self._zygote, self.pid, self.pipe = zygote, pid, pipe

    def end(self) -> Ending:
        self.pipe.close()
        return self._zygote.end(self.pid)

    def dismiss(self) -> None:
        self.pipe.close()
        with contextlib.suppress(JudgeError):  # Without a zygote there is none of its guests either.
            self._zygote.dismiss(self.pid)


class Spawner:
    """A process of its own for every guest: slower, and the only way where there is no fork."""

    def __init__(self, requires: tuple[str, ...] = ()) -> None:
        self._requires = requires

    @property
    def is_alive(self) -> bool:
        return True

    def expect(self, level: str, limits: Limits) -> None:
        """Nothing is made ready."""

    def launch(self, level: str, limits: Limits) -> GuestChild:
        policy = msgspec.json.encode(SandboxPolicy(level, limits)).decode()
        with _interrupts_held_back():
            process = subprocess.Popen(
                command("spawned", policy, *self._requires),
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                creationflags=APART,
            )
        assert process.stdin is not None and process.stdout is not None
        return OwnProcess(process, StreamPipe(process.stdout, process.stdin))

    def close(self) -> None:
        """Nothing is kept between guests."""


class OwnProcess:
    """A guest that this process has started itself, without a zygote."""

    def __init__(self, process: subprocess.Popen[bytes], pipe: FramePipe) -> None:
        self._process, self.pid = process, process.pid
        self.pipe = pipe

    def end(self) -> Ending:
        self._process.kill()
        status = self._process.wait()
        self.pipe.close()
        # What it used is not known here; the time since it was started says nothing of that.
        return Ending(status=status, cpu_s=0.0, peak_memory_kb=0)

    def dismiss(self) -> None:
        self.end()
