"""A guest in a plain process, not shut in, for one's own code: on the real clock, or under a debugger."""

from __future__ import annotations

import socket
import subprocess

import msgspec

from grader.judge.launch import Child, Ending, command, environment
from grader.judge.pipe import Pipe, SocketPipe
from grader.records import Limits


def start(role: str, limits: Limits, *packages: str, terminal: bool = False) -> Child:
    """Start a guest in that role of `grader.guest`, with a descriptor of its own for a wire.

    With `terminal` it shares standard input and output with this process, else its input is empty.
    """
    mine, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            command(role, str(theirs.fileno()), msgspec.json.encode(limits).decode(), *packages),
            pass_fds=[theirs.fileno()],
            env=environment(),
            stdin=None if terminal else subprocess.DEVNULL,
        )
    return _Plain(process, SocketPipe(mine))


class _Plain:
    def __init__(self, process: subprocess.Popen[bytes], pipe: SocketPipe) -> None:
        self._process, self.pid = process, process.pid
        self.pipe: Pipe = pipe

    def end(self) -> Ending:
        self._process.kill()
        status = self._process.wait()
        self.pipe.close()
        return Ending(status=status, cpu_s=0.0, peak_memory_kb=0)

    def dismiss(self) -> None:
        self.end()
