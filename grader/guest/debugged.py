"""A guest under a debugger: `breakpoint()` stops it, and whoever sits at the terminal has the word.

Virtual time stands still meanwhile: it moves only when the guest says that it is idle. The guest is
not shut in, and shares the terminal with the judge: it is for one's own code.
"""

from __future__ import annotations

import linecache
import os
import pdb
import sys
from types import FrameType
from typing import Any, TextIO

import msgspec

from grader.guest import life
from grader.guest.link import take_over
from grader.guest.sandbox import SandboxStatus
from grader.guest.warmth import warm_up
from grader.records import Isolation, Limits


def main(arguments: list[str]) -> None:
    """Become a guest: the wire's two descriptors, limits as JSON, then packages to import."""
    read_fd, write_fd = take_over(*arguments[:2])
    limits = msgspec.json.decode(arguments[2], type=Limits)
    warm_up(arguments[3:])
    guest = life.GuestProcess(limits)
    guest.link.open(read_fd, write_fd)
    commands, terminal = sys.stdin, sys.stdout

    def stop(*_: Any, **__: Any) -> None:
        # A debugger of its own for each stop, as pdb has it: two tasks may be stepped through at once.
        Debugger(guest, commands, terminal).stop(sys._getframe(1))

    sys.breakpointhook = pdb.set_trace = stop
    life.begin(guest, SandboxStatus(isolation=Isolation.NONE, missing=("a debugger has the terminal",)))


class Debugger(pdb.Pdb):
    """pdb at the terminal; before each prompt it shows what has been printed until then."""

    def __init__(self, guest: life.GuestProcess, commands: TextIO, terminal: TextIO) -> None:
        super().__init__(stdin=commands, stdout=terminal, nosigint=True)
        self._guest = guest
        # From 3.15 on pdb would ask by `input` or by an editor of lines, and both would find the simulated
        # streams and `select` instead of the terminal.
        self.use_rawinput, self.pyrepl_input = False, None

    def stop(self, frame: FrameType) -> None:
        """Stop in that frame: at its next line, or from 3.13 on at this very one."""
        name = self._guest.filename  # pdb looks for it where it would lie on a disk
        linecache.cache[os.path.abspath(name)] = linecache.cache[name]  # noqa: PTH100  # as pdb does
        self.set_trace(frame)

    def interaction(self, *stopped: Any) -> None:
        self._guest.show_output()
        self.prompt = f"({self._guest.run.machine.kernel.now_ns / 1e9:g} s) "
        super().interaction(*stopped)
