"""Guests for the runs of one submission: a process serves run after run, until one leaves something."""

from __future__ import annotations

from collections.abc import Callable

from grader.judge.cpu_affinity import share_core
from grader.judge.guest import GuestSession
from grader.judge.launch import GuestChild, GuestLauncher
from grader.records import Limits
from grader.sim.kernel import Kernel
from grader.wire.control import NO_GUEST, SandboxStatus

MAX_RUNS = 400
"""A process is replaced after so many: what a run may leave unseen (memory, caches) stays bounded."""


class GuestSupply:
    """See the module's header."""

    def __init__(
        self,
        launcher: GuestLauncher,
        level: str,
        limits: Limits,
        make: Callable[..., GuestSession],
        *,
        shares: bool = True,
    ) -> None:
        """`shares` is whether a process may serve more than one run."""
        self._launcher, self._level, self._limits, self._make = launcher, level, limits, make
        self._shares = shares
        self._ready: tuple[GuestChild, SandboxStatus, int] | None = None
        self.entered = NO_GUEST
        """What the guest that ended last was shut in with."""
        self.launched = 0
        """How many processes there have been."""

    def next(self, kernel: Kernel) -> GuestSession:
        """A guest for one run on that kernel. Raises JudgeError if none can be started."""
        if self._ready is None:
            child = self._launcher.launch(self._level, self._limits)
            share_core(child.pid)
            self.launched += 1
            self._ready = child, SandboxStatus(), 0
            guest = self._make(child, self._limits, kernel)
        else:
            child, entered, _ = self._ready
            guest = self._make(child, self._limits, kernel, entered=entered)
        return guest

    def give_back(self, guest: GuestSession, *, same_module: bool = False) -> bool:
        """The run is over; say whether the next one has the same process."""
        assert self._ready is not None
        child, _, runs = self._ready
        self.entered = guest.entered
        self._ready = None
        if self._shares and runs < MAX_RUNS and guest.hand_over(same_module=same_module):
            self._ready = child, guest.entered, runs + 1
        else:
            guest.close()
        return self._ready is not None

    def close(self) -> None:
        """End the process that is ready for a further run, if any."""
        if self._ready is not None:
            self._ready[0].dismiss()
            self._ready = None
