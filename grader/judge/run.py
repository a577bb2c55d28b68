"""One submission's way through a suite. Knows nothing of pytest, which takes long to import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from grader.judge.budget import Budget
from grader.judge.guest import GuestSession
from grader.judge.guests import GuestSupply
from grader.judge.launch import GuestLauncher
from grader.judge.world import World
from grader.records import CheckResult, History, Kata, Submission, Verdict


@dataclass(frozen=True)
class Setting:
    """What a check is played on: the simulated world, or the real clock (`realtime`)."""

    world: Callable[[str], Any] = World
    guest: Callable[..., GuestSession] = GuestSession
    tolerance_ns: int = 0
    shares_guests: bool = True
    wall_s: float | None = None
    """Real time for a submission instead of its kata's, where the clock is real too."""


@dataclass
class Run:
    """One submission's way through the suite, and what came of it."""

    kata: Kata
    submission: Submission
    launcher: GuestLauncher
    seed: int
    level: str
    on_check: Callable[[CheckResult], None] | None = None
    on_progress: Callable[[], None] = lambda: None
    """Called as each check begins, and each seed of one that is explored."""
    results: dict[str, CheckResult] = field(default_factory=dict)
    histories: dict[str, History] = field(default_factory=dict)
    setting: Setting = Setting()
    entry_points: tuple[str, ...] = ()
    """Names that the file must define, or nothing of it is judged."""
    fault: str | None = None
    """The one fault to run swept checks with; None for all of their contract."""
    fault_met: bool = False
    """Whether some check has that fault."""
    budget: Budget = field(init=False)
    unloadable: str | None = None
    """The check that found that the file cannot be loaded: it is not tried again for the others."""
    given_up: Verdict | None = None
    """The verdict of a check that used up a whole limit: one is enough."""
    out_of_memory: bool = False
    """Whether the judge itself had no memory left."""
    code: bytes | None = None
    """The submission compiled, for its guests and for nobody else; b"" where each is to do that itself."""

    def __post_init__(self) -> None:
        limits, wall_s = self.kata.limits, self.setting.wall_s
        self.budget = Budget(limits if wall_s is None else msgspec.structs.replace(limits, wall_s=wall_s))
        self.guests = GuestSupply(
            self.launcher,
            self.level,
            self.kata.limits,
            partial(self.setting.guest, budget=self.budget),
            shares=self.setting.shares_guests,
        )

    def keep_code(self, code: bytes, *, was_silent: bool) -> None:
        """Keep what the first guest says: nothing of the learner's has run in it when it says so.

        A compiler that has had warnings to print is to print them in every check.
        """
        if self.code is None:
            self.code = code if was_silent else b""
