"""A swept check: one run without a fault, then one for each fault that its contract and its events allow.

The runs come in a drawn order, so that their order tells nothing; the failure that counts is the first in
the list of faults, which is the smallest. Once one has failed, only those before it in the list still run.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import msgspec

from grader.judge.run import Run
from grader.judge.sweep_run import BESIDE, SweepRun
from grader.judge.trial import Trial
from grader.records import CheckResult, History
from grader.testing import clock_is_exact
from grader.testing.faults import MIDWAY, Event, Fault, Row, faults_of

Body = Callable[[SweepRun], Coroutine[Any, Any, None]]


class Sweep:
    """All runs of one check for one submission."""

    def __init__(
        self, run: Run, name: str, body: Body, rows: Sequence[Row], *, title: str, max_points: float
    ) -> None:
        self._run, self._name, self._body, self._rows = run, name, body, rows
        self._title, self._max_points = title, max_points
        self._events: list[Event] = []
        self._left_out = False

    def result(self) -> CheckResult | None:
        """Run what has to be run; None where the check cannot be made here, as some on the real clock.

        The history that belongs to the result is the run's, for pictures. On the real clock there are no
        faults, unless one is named: instants would not be exact, and it would take too long.
        """
        if self._run.fault is not None:
            return self._replayed(self._run.fault)
        first = self._once(None)
        if self._left_out:
            return None
        if not first.passed or not clock_is_exact():
            return first
        faults = faults_of(self._rows, self._events)
        return self._worst_of(first, faults)

    def _worst_of(self, first: CheckResult, faults: list[Fault]) -> CheckResult:
        history = self._run.histories.get(self._name)
        order = list(range(len(faults)))
        random.Random(f"{self._run.seed} {self._name} order").shuffle(order)
        found: tuple[int, CheckResult, History | None] = len(faults), first, history
        for number in order:
            if number < found[0] and self._run.given_up is None:
                check = self._once(faults[number])
                if not check.passed:
                    found = number, check, self._run.histories.get(self._name)
        _, check, history = found
        if history is not None:
            self._run.histories[self._name] = history
        return check

    def _replayed(self, name: str) -> CheckResult:
        """The one fault of that name; without it where this check has none such."""
        first = self._once(None)
        fault = next((one for one in faults_of(self._rows, self._events) if one.name == name), None)
        if fault is None or not first.passed:
            return first
        self._run.fault_met = True
        return self._once(fault)

    def _once(self, fault: Fault | None) -> CheckResult:
        in_next_loop = fault is not None and fault.row == "again" and fault.way == "loop"
        check = self._one_trial(fault, "", same_module=in_next_loop)
        if in_next_loop and check.passed:
            check = self._one_trial(fault, "loop", same_module=False)
        return check

    def _one_trial(self, fault: Fault | None, part: str, *, same_module: bool) -> CheckResult:
        run = self._run
        draw = f"{run.seed} {self._name} {fault.name if fault else ''} {part}"
        trial = Trial(run, self._name, None, run.setting.world(draw))
        try:
            trial.play(lambda: self._play(trial, fault, part))
        except BaseException:
            trial.world.end()  # Ctrl-C: nothing is said of the check.
            raise
        self._left_out = trial.outcome.is_left_out()
        check, _ = trial.end(title=self._title, max_points=self._max_points, same_module=same_module)
        if fault is None or check.passed:
            return check
        words = f"{fault.words[0].upper()}{fault.words[1:]}: " if fault.words else ""
        return msgspec.structs.replace(check, fault=fault.name, rationale=f"{words}{check.rationale}")

    async def _play(self, trial: Trial, fault: Fault | None, part: str) -> None:
        """One run with the inspection after it, which also explains what has failed."""
        await trial.load()
        trial.open_net()
        try:
            await self._play_bodies(trial, fault, part)
        except Exception as error:  # Whatever it is, a verdict is made of it.
            trial.outcome.add(error)
        await trial.look_at_what_is_left()

    async def _play_bodies(self, trial: Trial, fault: Fault | None, part: str) -> None:
        runs = [SweepRun(trial, fault, self._events, part)]
        if fault is not None and fault.row == "again" and fault.way != "loop":
            is_beside = fault.way == BESIDE
            other = Fault(row="cancel", way=MIDWAY, at=fault.at) if is_beside else fault
            runs.append(SweepRun(trial, other, self._events, BESIDE if is_beside else "again"))
        if fault is not None and fault.row == "again" and fault.way in ("together", BESIDE):
            await _together([self._body(run) for run in runs])
        else:
            for run in runs:
                run.begin()
                await self._body(run)
        for run in runs:
            run.assert_over()
        await runs[-1].nothing_goes_on()
        if fault is None:
            self._events = runs[0].events


async def _together(bodies: list[Coroutine[Any, Any, None]]) -> None:
    """All of them at once; the first that fails is the one that counts."""
    results = await asyncio.gather(*bodies, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
