"""One run of a check: its world, its guest, and what it raised."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from grader.judge import verdicts
from grader.judge.guest import GuestSession
from grader.judge.net import Net
from grader.judge.remote import RemoteKata
from grader.judge.run import Run
from grader.judge.verdicts import CheckOutcome
from grader.judge.world import World
from grader.records import CheckResult, Verdict
from grader.testing import Failure
from grader.wire import Compiled, Load

MODULE_NAME = "solution"


@dataclass
class Trial:
    """See the module's header. `seed` is an explored check's own, None for any other."""

    run: Run
    name: str
    seed: int | None
    world: World
    outcome: CheckOutcome = field(default_factory=CheckOutcome)
    guest: GuestSession | None = None
    kata: RemoteKata | None = None
    net: Net | None = None
    was_cancelled: bool = False
    """Whether a call was cancelled: which of several errors comes out then is open, so one may go unseen."""

    async def load(self) -> RemoteKata:
        """Start the run's guest and load the learner's module. Raises Failure where that fails."""
        run = self.run
        guest = self.guest = run.guests.next(self.world.kernel)
        self.world.attach(guest)
        kata = self.kata = RemoteKata(guest)
        guest.handle({Compiled: lambda m: run.keep_code(m.code, was_silent=not guest.output)})
        load = Load(
            run.submission.source, run.submission.filename, MODULE_NAME, run.code or b"", run.entry_points
        )
        try:
            await verdicts.loaded(kata, load)
        except Failure as failure:
            if failure.verdict is not Verdict.JUDGE_ERROR:
                run.unloadable = self.name
            raise
        guest.pulse.begin()
        return kata

    def open_net(self) -> Net:
        """The judge's side of the network."""
        assert self.guest is not None, "the guest comes first"
        self.net = Net(self.world, self.guest)
        return self.net

    async def look_at_what_is_left(self) -> None:
        """Close the network and inspect the guest. Raises Failure (BLOCKED_LOOP, LEAKED)."""
        assert self.kata is not None
        if self.net is not None:
            await self.net.close()
        self.kata.assert_never_blocked()
        host = self.world.network.host
        await verdicts.assert_nothing_left(self.kata, host, errors_too=not self.was_cancelled)

    def play(self, body: Callable[[], Any]) -> None:
        """Run a coroutine function in this run's own loop; what it raises is the outcome."""
        try:
            with asyncio.Runner(loop_factory=lambda: self.world.loop) as runner:
                runner.run(body())
        except (KeyboardInterrupt, SystemExit):  # Ours: those of a guest come as other classes.
            raise
        except BaseException as error:  # Whatever else it is, a verdict is made of it.
            self.outcome.add(error)

    def end(self, *, title: str, max_points: float, same_module: bool = False) -> tuple[CheckResult, bool]:
        """End the run and fold it into a result; and say whether the next run has the same guest process."""
        run, is_shared = self.run, False
        seen = self.net.exchanges if self.net is not None else ()
        seen = seen or (self.kata.exchanges if self.kata is not None else ())
        if self.guest is not None:
            run.out_of_memory |= self.guest.has_taken_all_memory
            is_shared = run.guests.give_back(self.guest, same_module=same_module)
        check = verdicts.check_result(
            self.name,
            title=title,
            max_points=max_points,
            outcome=self.outcome,
            guest=self.guest,
            kata=self.kata,
            exchanges=seen,
            seed=self.seed,
        )
        if self.guest is not None:
            turns = self.kata.turns if self.kata is not None else 1
            run.histories[self.name] = self.guest.history(seen, turns)
        self.world.end()
        return check, is_shared
