"""The zygote: a warm process that forks one guest per check, and ends those that it forked.

It is started by the judge before the suite is imported, and never imports one. It speaks with the
judge over a Unix socket, in the messages of `grader.wire.control`. It signals only its own children
that it has not reaped yet.
"""

from __future__ import annotations

import array
import contextlib
import gc
import os
import resource
import signal
import socket as _socket
import sys
from typing import Any

from grader.guest import life
from grader.guest.rehearsal import rehearse
from grader.guest.sandbox import prepare
from grader.guest.warmth import warm_up
from grader.records import Limits
from grader.wire.control import Ending, Fork, Order, Report, SandboxPolicy, control_frame, read_order
from grader.wire.framing import HEADER, body_size, read_exactly

_SOCKET = _socket.socket
_waitpid4, _kill, _fork, _close = os.wait4, os.kill, os.fork, os.close


class Zygote:
    """Carries out orders one after another until the judge hangs up."""

    def __init__(self, control: Any) -> None:
        self._control = control
        self._children: dict[int, None] = {}
        self._limits: Limits | None = None

    def run(self) -> None:
        # The judge hangs up when it likes, and need not have read every report.
        with contextlib.suppress(ConnectionError):
            self._serve()
        for pid in list(self._children):
            self._end(pid)

    def _serve(self) -> None:
        while (received := self._receive()) is not None:
            order, wire_fd = received
            if isinstance(order, Fork):
                assert wire_fd is not None, "a Fork comes with its wire"
                self._control.sendall(control_frame(Report(self._start(order, wire_fd))))
            else:
                self._control.sendall(control_frame(self._end(order.pid)))

    def _receive(self) -> tuple[Order, int | None] | None:
        room = _socket.CMSG_SPACE(array.array("i").itemsize)
        head, ancillary, _, _ = self._control.recvmsg(HEADER.size, room)
        if not head:
            return None
        descriptors = array.array("i")
        for _, kind, data in ancillary:
            if kind == _socket.SCM_RIGHTS:
                descriptors.frombytes(data)
        try:
            body = read_exactly(self._control.recv, body_size(head))
        except EOFError:
            return None
        return read_order(body), descriptors[0] if descriptors else None

    def _start(self, order: Fork, wire_fd: int) -> int:
        prepare(order.policy)
        self._make(order.policy.limits)
        pid = _fork()
        if pid == 0:
            try:
                life.be_a_guest(self._guest, wire_fd, wire_fd, order.policy)
            finally:
                os._exit(70)
        _close(wire_fd)
        self._children[pid] = None
        return pid

    def _make(self, limits: Limits) -> None:
        """Have a guest of those limits for children to become: each has its own copy, by being forked."""
        if limits != self._limits:
            self._limits, self._guest = limits, life.GuestProcess(limits)
            gc.freeze()  # nor is that for its children to look through

    def _end(self, pid: int) -> Report:
        if pid not in self._children:
            return Report(pid)
        del self._children[pid]
        with contextlib.suppress(ProcessLookupError):
            _kill(pid, signal.SIGKILL)
        _, status, usage = _waitpid4(pid, 0)
        cpu_s = usage.ru_utime + usage.ru_stime
        peak_kb = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)  # macOS counts bytes
        return Report(pid, Ending(os.waitstatus_to_exitcode(status), cpu_s, peak_kb))


def main(control_fd: int, packages: list[str]) -> None:
    """Run a zygote on this control socket, with those packages imported beforehand."""
    control = _SOCKET(fileno=control_fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the judge's to act on.
    with contextlib.suppress(OSError, ValueError):  # a convenience: no user wants to find these files
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # What it would free now, every guest would copy in order to use it.
    prepare(SandboxPolicy(level="best", limits=Limits()))  # while `pathlib` still asks the kernel
    warm_up(packages)
    rehearse()
    Zygote(control).run()
    os._exit(0)  # an orderly end would wait for threads by the simulated locks, for ever
