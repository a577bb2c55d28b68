"""The judge's session with one guest: any sequence of messages comes to a verdict.

`step` hands the guest what has happened and takes what it did. Whatever the guest says is data: an
unknown number and a message out of its place (see `states`) are ignored, what is out of bounds ends the
guest with a failure, and once it has ended every call, present or future, fails with that same failure.
"""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Callable
from typing import Any

import msgspec

from grader import wire
from grader.errors import WireError
from grader.judge.budget import Budget, out_of_real_time, over_cpu
from grader.judge.exceptions import rebuild
from grader.judge.failures import failure_of, over_bound, stalled, too_much_to_judge
from grader.judge.launch import GuestChild
from grader.judge.notes import Notes
from grader.judge.pipe import GuestGone
from grader.judge.port import GuestPort
from grader.judge.pulse import Pulse
from grader.judge.stall import StallMeter
from grader.judge.states import SessionState, may_say, state_after
from grader.judge.threads import has_too_many
from grader.records import Exchange, History, Isolation, Limits
from grader.sim.kernel import Kernel
from grader.sim.net.network import NetworkInterface
from grader.testing import Failure, Verdict, show_ns
from grader.wire import OverBound
from grader.wire.control import Ending, SandboxStatus

WIRE_FRAMES = 32
"""All that a guest sends in one check may fill that many frames of the largest size."""


_OUR_OWN = (70, -9)
"""How a guest ends that has lost its wire: by its own or by our hand, whichever is quicker."""
GREETING_S = 60.0
"""How long a guest may take to be shut in: our own code, so only a machine in trouble takes long."""


class _BudgetSpent(Exception):
    """The submission's budget is used up."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure


class GuestSession:
    """See the module's header."""

    def __init__(
        self,
        child: GuestChild,
        limits: Limits,
        kernel: Kernel,
        budget: Budget | None = None,
        entered: SandboxStatus | None = None,
    ) -> None:
        """`budget` is the submission's; without one, this guest is all that there is of it.

        `entered` is what the process said before its first run, where this is not the first.
        """
        self.child, self.limits, self.kernel = child, limits, kernel
        self._budget = budget or Budget(limits)
        self.port = GuestPort(self.post, limits.sockets)
        self.until_ns: int | None = 0
        self.failure: Failure | None = None
        self.entered = entered or SandboxStatus()
        self.output: list[tuple[int, str, str]] = []
        self.notes = Notes()
        self.miscounted: tuple[int, int] | None = None
        """What a caller's `Task.cancelling()` was before the call and after it, where that differs."""
        self.pulse = Pulse()
        self.left = History()
        """What the inspection after the check found; nothing before it."""
        self.on_print: Callable[[int, str, str], None] | None = None
        self._output_bytes = 0
        self._messages = 0
        self._wire_bytes = 0
        self._state = SessionState.STARTING if entered is None else SessionState.LOADING
        self._instant_ns = -1
        self._steps_at_instant = 0
        self._events: list[wire.Event] = []
        self._replies: dict[tuple[str, int], asyncio.Future[Any]] = {}
        self.on_callback: Callable[[wire.CallbackCall], None] | None = None
        self.on_callback_cancel: Callable[[int], None] | None = None
        self.has_taken_all_memory = False
        """Whether the judge ran out of memory while it read what the guest had said."""
        self._meter = StallMeter(child.pid)
        self._handlers = self._make_handlers()

    def plug_in(self, plug: NetworkInterface) -> None:
        """Put the guest on the network."""
        self.handle(self.port.plug_in(plug))

    def handle(self, handlers: dict[type, Callable[[Any], None]]) -> None:
        """Have actions of those types handled so."""
        self._handlers |= handlers

    # -- stepping ----------------------------------------------------------------------------------
    def post(self, event: wire.Event) -> None:
        """Have the guest told at its next step."""
        if self.failure is None:
            self._events.append(event)

    def is_due(self) -> bool:
        """Whether the guest has something to do now."""
        due = self.until_ns is not None and self.until_ns <= self.kernel.now_ns
        return self.failure is None and (bool(self._events) or due)

    def step(self) -> None:
        """One exchange. Never raises for anything that the guest does."""
        if self._state is SessionState.STARTING:
            self._greet()
        if self._too_many_steps():
            return
        events, self._events = self._events, []
        events.append(wire.Ping(self.pulse.ask(self.kernel.now_ns)))
        self._meter.step_begins()
        try:
            self.child.pipe.send(wire.frame(wire.Step(self.kernel.now_ns, events)), self._send_by_s())
            idle = self._next_idle()
            self._meter.step_ends()
            if not self._has_too_many_threads():
                self._take(idle)
        except GuestGone:
            self._meter.step_ends()
            ending = self.child.end()
            self._budget.guest_ends(ending.cpu_s)
            self.end(self._failure_of_exit(ending))
        except TimeoutError:
            self._meter.step_ends()
            self.end(stalled() if self._meter.has_stalled() else out_of_real_time(self.limits))
        except _BudgetSpent as spent:
            self._meter.step_ends()
            self.end(stalled() if self._meter.has_stalled() else spent.failure)
        except OverBound as error:
            self.end(over_bound(error))
        except WireError as error:
            text = f"Your program wrote to the grader's wire: {error}."
            self.end(Failure(text, verdict=Verdict.SANDBOX_VIOLATION))
        except MemoryError:
            self.has_taken_all_memory = True
            self.end(too_much_to_judge())

    def _send_by_s(self) -> float:
        """How long a guest may take to read: it does nothing else, so this is never honest work."""
        return time.monotonic() + self.limits.wall_s

    def _next_idle(self) -> wire.Idle:
        """The next frame. Raises GuestGone, WireError, or _BudgetSpent."""
        while True:
            try:
                return self._decoded(
                    self.child.pipe.receive(self.limits.frame_bytes, self._budget.look_again_s)
                )
            except TimeoutError:
                self._look_at_budget()

    def _decoded(self, body: bytes) -> wire.Idle:
        """What a frame says. Raises WireError."""
        self._wire_bytes += len(body)
        if self._wire_bytes > WIRE_FRAMES * self.limits.frame_bytes:
            raise WireError(f"more than {WIRE_FRAMES * self.limits.frame_bytes} bytes in one check")
        return wire.read_idle(body)

    def _look_at_budget(self) -> None:
        """Raises _BudgetSpent."""
        failure = self._budget.failure()
        if failure is not None:
            raise _BudgetSpent(failure)

    def _greet(self) -> None:
        """Hear how far the guest is shut in: said before it has seen the learner's code, and only then."""
        began_s = time.monotonic()
        try:
            said = self._decoded(
                self.child.pipe.receive(self.limits.frame_bytes, began_s + GREETING_S)
            ).actions
        except (GuestGone, TimeoutError, WireError) as problem:
            status = self.child.end().status
            text = f"The guest ended before it had seen any code ({problem}; exit status {status})."
            self.end(Failure(text, verdict=Verdict.JUDGE_ERROR))
            return
        for action in said[:1]:
            self._hear(action)
        self._state = SessionState.LOADING  # also where it has not said how it is shut in
        self._budget.guest_begins(self.child.pid, time.monotonic() - began_s)

    def _too_many_steps(self) -> bool:
        """Whether the guest has let no time pass for too long; it counts its own steps, but may lie.

        Twice what it is allowed, so that an honest guest is the first to notice, and names its line.
        """
        if self.kernel.now_ns != self._instant_ns:
            self._instant_ns, self._steps_at_instant = self.kernel.now_ns, 0
        self._steps_at_instant += 1
        if self._steps_at_instant > 2 * self.limits.steps_per_instant:
            text = (
                "The program kept running without ever waiting for anything, so no time could pass:"
                " only waiting moves the clock."
            )
            self.end(Failure(text, verdict=Verdict.BUSY_LOOP))
        return self.failure is not None

    def _has_too_many_threads(self) -> bool:
        """Whether it runs more threads than its simulated machine would give it; it is parked just now."""
        if has_too_many(self.child.pid, self.limits.threads):
            text = f"It ran more threads than its machine allows ({self.limits.threads}), behind its back."
            self.end(Failure(text, verdict=Verdict.SANDBOX_VIOLATION))
        return self.failure is not None

    def _take(self, idle: wire.Idle) -> None:
        self._messages += 1 + len(idle.actions)
        if self._messages > self.limits.messages:
            text = f"It did more than {self.limits.messages} things on the network and the wire."
            self.end(Failure(text, verdict=Verdict.TIME_LIMIT))
            return
        # Never further than the bound on virtual time, so that the clock cannot be made to jump.
        last_ns = round(self.limits.virtual_s * 1e9) + 1
        self.until_ns = None if idle.until_ns is None else min(idle.until_ns, last_ns)
        for action in idle.actions:
            if self._hear(action):
                self._look_at_budget()

    def _hear(self, action: wire.Action) -> bool:
        """Act upon one message, if it is in its place; say whether it was. Raises WireError."""
        if not may_say(self._state, action):
            return False
        self._state = state_after(self._state, action)
        handler = self._handlers.get(type(action))
        if handler is not None:
            handler(action)
        return handler is not None and self.failure is None

    def _make_handlers(self) -> dict[type, Callable[[Any], None]]:
        return {
            wire.Entered: self._take_status,
            wire.Loaded: lambda m: self._settle(("load", 0), m),
            wire.ScriptEnded: lambda m: self._settle(("load", 0), m),
            wire.Returned: lambda m: self._settle(("call", m.number), m),
            wire.Raised: lambda m: self._settle(("call", m.number), m),
            wire.NotAwaitable: lambda m: self._settle(("call", m.number), m),
            wire.NotPlain: lambda m: self._settle(("call", m.number), m),
            wire.Pong: lambda m: self.pulse.answered(m.number, self.kernel.now_ns),
            wire.Inspected: lambda m: self._settle(("inspect", 0), m),
            wire.CallbackCall: lambda m: self.on_callback and self.on_callback(m),
            wire.CallbackCancel: lambda m: self.on_callback_cancel and self.on_callback_cancel(m.number),
            wire.Miscounted: self._miscounted,
            wire.Printed: self._printed,
            wire.Noted: lambda m: self.notes.take(m, self.kernel.now_ns),
            wire.Died: self._died,
            wire.TooLarge: lambda m: self.end(over_bound(m.what)),
            # Until a suite supplies programs, there are none.
            wire.Spawn: lambda m: self.post(wire.NotStarted(m.pid, errno.ENOENT, "")),
        }

    # -- what it says ------------------------------------------------------------------------------
    def _take_status(self, message: wire.Entered) -> None:
        if message.isolation in list(Isolation):
            self.entered = SandboxStatus(Isolation(message.isolation), tuple(message.missing))

    def _printed(self, message: wire.Printed) -> None:
        self._output_bytes += len(message.text.encode("utf-8", "replace"))
        if self._output_bytes > self.limits.output_bytes:
            text = f"It printed more than {self.limits.output_bytes} bytes."
            self.end(Failure(text, verdict=Verdict.OUTPUT_LIMIT))
            return
        stream = "stdout" if message.stream == "stdout" else "stderr"
        self.output.append((self.kernel.now_ns, stream, message.text))
        if self.on_print is not None:
            self.on_print(self.kernel.now_ns, stream, message.text)

    def _miscounted(self, message: wire.Miscounted) -> None:
        self.miscounted = message.before, message.after

    def _died(self, message: wire.Died) -> None:
        self.end(failure_of(rebuild(message.error)))

    # -- asking it ---------------------------------------------------------------------------------
    def expect(self, kind: str, number: int, future: asyncio.Future[Any]) -> None:
        """Have the guest's reply of that kind and number settle this future."""
        if self.failure is not None:
            future.set_exception(self.failure)
            future.exception()  # Somebody may have given up on it; it is no news.
        else:
            self._replies[(kind, number)] = future

    def is_expected(self, kind: str, number: int) -> bool:
        """Whether somebody waits for that reply."""
        return (kind, number) in self._replies

    def _settle(self, key: tuple[str, int], message: Any) -> None:
        future = self._replies.pop(key, None)
        if future is not None and not future.done():
            future.set_result(message)

    # -- ending ------------------------------------------------------------------------------------
    def end(self, failure: Failure) -> None:
        """The guest is over: whoever waits for it fails with `failure`; the first one stays."""
        if self.failure is not None:
            return
        self.failure, self._state = failure, SessionState.ENDED
        self.until_ns = None
        self._events.clear()
        self.port.unplug()
        replies, self._replies = self._replies, {}
        for future in replies.values():
            if not future.done():
                future.set_exception(failure)
                future.exception()

    def hand_over(self, *, same_module: bool = False) -> bool:
        """End this run; say whether the process is fit for another one, which a new session then has."""
        if self.failure is not None or self._meter.has_stalled():
            return False
        self._state = SessionState.HANDING_OVER
        step = wire.Step(self.kernel.now_ns, [wire.NextRun(same_module)])
        try:
            self.child.pipe.send(wire.frame(step), self._send_by_s())
            said = self._next_idle().actions
        except (GuestGone, TimeoutError, WireError, _BudgetSpent, MemoryError):
            return False
        self.port.unplug()
        return len(said) == 1 and may_say(self._state, said[0]) and said[0] == wire.Cleared(())

    def close(self) -> None:
        """End the process, and find out whether it stalled before it did."""
        if self.failure is None and self._meter.has_stalled():
            self.failure = stalled()
        self._budget.guest_ends()
        self.child.dismiss()

    def _failure_of_exit(self, ending: Ending) -> Failure:
        if ending.status == -24 or ending.cpu_s >= self.limits.cpu_s:
            return over_cpu(self.limits)
        if ending.status == -31:
            text = "Your program asked the operating system for something a kata never needs."
            return Failure(text, verdict=Verdict.SANDBOX_VIOLATION)
        how = "" if ending.status in _OUR_OWN else f" with exit code {ending.status}"
        how = f" by signal {-ending.status}" if ending.status < 0 and how else how
        return Failure(
            f"Your program's process ended{how} in the middle of the check; it should return instead.",
            verdict=Verdict.RUNTIME_ERROR,
        )

    def out_of_time(self) -> None:
        """The virtual clock has passed the kata's bound."""
        length = show_ns(round(self.limits.virtual_s * 1e9))
        self.end(Failure(f"It was still waiting after {length} of virtual time.", verdict=Verdict.TIME_LIMIT))

    def history(self, exchanges: tuple[Exchange, ...] = (), turns: int = 1) -> History:
        """What the guest noted and what the inspection found it had left; beside it, what the judge saw."""
        return msgspec.structs.replace(
            self.left,
            snapshots=tuple(self.notes.snapshots),
            blocked=tuple(self.notes.blocked),
            exchanges=exchanges,
            turns=turns,
        )
