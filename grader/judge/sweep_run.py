"""What one run of a swept check gets: the learner's module, participants, the call, and what must hold.

    @sweep(cancel(), value(), amount())
    async def test_every_station_is_asked(run):
        names = run.names("station", run.amount(3))
        ...
        await run.returns(run.call("read_all", names), readings, took_ns=seconds(2))

The body describes a run without a fault. Its participants (`step`, `serve`) note events and do what the
run's fault says; `returns` and `raises` know what a fault means for the call.

Two kinds of chance: `lengths` draws the same in every run of a check, so that events keep their numbers and
instants from run to run; `rng`, for names and values, is new in each, so that nothing that one run has seen
is of use in the next.
"""

from __future__ import annotations

import asyncio
import errno
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from grader.judge.remote import RemoteCall, RemoteKata, RemoteObject
from grader.judge.trial import Trial
from grader.records import SECOND_NS, Exchange, Verdict
from grader.testing import (
    Failure,
    assert_equal,
    assert_took,
    check,
    clock_is_exact,
    is_late,
    is_off,
    long_s,
    show_ns,
)
from grader.testing.faults import ERRORS, MIDWAY, MIDWAY_WAYS, VALUES, Event, Fault, gap_ns

OFTEN = 40
"""How many times a call is cancelled that is cancelled often: half of them up to the next event."""
STOPPING_NS = 700_000_000
"""How long a step takes to stop that is slow to."""
AFTERWARDS_S = 60.0
"""How long a run is looked on after its call has ended: nothing may begin any more."""
FAR_NS = 150_000_000
PIECES_NS = 100_000_000
"""How long an answer takes that comes byte by byte."""
LATE_NS = 400_000_000
WORKS_ON_NS = 1_000_000
"""How long a caller works on after its `asyncio.timeout`, before it says how that was."""
_NO_CONNECTION = {
    "refused": errno.ECONNREFUSED,
    "no-route": errno.EHOSTUNREACH,
    "no-network": errno.ENETUNREACH,
    "timed-out": errno.ETIMEDOUT,
    "reset-connecting": errno.ECONNRESET,
}
RESETS = ("reset-asked", "reset-half", "reset-late")
"""Ways of the row `lose` in which an answering server breaks the connection off."""
BESIDE = "beside"
_UNSET: Any = object()


@dataclass
class Step:
    """A participant's step, as the judge saw it; instants in ns since the call."""

    participant: str
    given: object
    began_ns: int
    ended_ns: int | None = None
    end: str = "is still under way"
    """`ended`, `failed` or `was cancelled`, when it is over."""
    cancelled_ns: int | None = None
    error: BaseException | None = None
    """What it raised of its own."""
    is_protected: bool = False
    """Whether a cancellation of the call must not reach it."""


class Outcome(NamedTuple):
    """How the call ended."""

    kind: str
    """`returned`, `raised` or `cancelled`."""
    value: Any
    error: BaseException | None
    at_ns: int


class SweepRun:
    """See the module's header."""

    def __init__(self, trial: Trial, fault: Fault | None, known: Sequence[Event], part: str = "") -> None:
        """`known` are the events of the run without a fault; `part` tells runs in one world apart.

        One that is `BESIDE` another has the same lengths, so that both come to the same events at once.
        """
        assert trial.kata is not None and trial.net is not None
        self.kata: RemoteKata = trial.kata
        self.net = trial.net
        self.fault = fault
        self.events: list[Event] = []
        self.steps: list[Step] = []
        self.act: Callable[[], object] | None = None
        """What the row `act` does at an event."""
        self.stopped_ns: int | None = None
        """When the call was cancelled first, if only by its caller's time-out; in ns since it began."""
        self.acted_ns: int | None = None
        self.error: BaseException | None = None
        """What the failing step of row `fail` raises."""
        seed = f"{trial.run.seed if trial.seed is None else trial.seed} {trial.name}"
        self.lengths = random.Random(f"{seed} {'' if part == BESIDE else part} lengths")
        self.rng = random.Random(f"{seed} {part} {fault.name if fault else ''}")
        self._trial, self._known = trial, known
        self.began_ns = self.now_ns
        """When the run's last call began, on the virtual clock: instants count from here."""
        self._call: RemoteCall | None = None
        self._values = 0
        self._raised: list[BaseException] = []
        self._hosts: set[str] = set()

    def begin(self) -> None:
        """Whatever happens from now on is this run's; instants count from here until the call."""
        self.began_ns = self.now_ns

    # -- time --------------------------------------------------------------------------------------
    @property
    def now_ns(self) -> int:
        """The virtual clock."""
        return self.kata.guest.kernel.now_ns

    @property
    def since_ns(self) -> int:
        """How long ago the call began, in virtual ns."""
        return self.now_ns - self.began_ns

    # -- what differs from run to run --------------------------------------------------------------
    def has(self, row: str, *ways: str) -> bool:
        """Whether the fault of this run is of that row, and of one of those ways if any are given."""
        return self.fault is not None and self.fault.row == row and (not ways or self.fault.way in ways)

    @property
    def variant(self) -> str:
        """The way of the row `only`; empty in all other runs."""
        return self.fault.way if self.fault is not None and self.fault.row == "only" else ""

    def amount(self, usual: int) -> int:
        """How many: the usual number, or what the row `amount` says."""
        if self.has("amount") and self.fault is not None and self.fault.way.isdigit():
            return int(self.fault.way)
        return usual

    def names(self, kind: str, count: int) -> list[str]:
        """That many names, new in each run; for `amount-twice` the first stands there once more."""
        numbers = self.rng.sample(range(10**6), count)
        names = [f"{kind}-{number:06}" for number in numbers]
        return [*names, names[0]] if self.has("amount", "twice") and names else names

    def value(self, usual: object = _UNSET) -> object:
        """A value that is new in each run; the second that is asked for is what the row `value` says."""
        self._values += 1
        if self.has("value") and self._values == 2 and self.fault is not None:
            return VALUES[self.fault.way]()
        return f"value {self.rng.randrange(10**9)}" if usual is _UNSET else usual

    def length_ms(self, low: int, high: int) -> int:
        """A whole number of milliseconds, the same in every run of this check."""
        return self.lengths.randint(low, high)

    def lengths_ms(self, count: int, low: int = 100, high: int = 2000) -> list[int]:
        """That many lengths of which no two are the same. Which is longer than which hangs on no seed:

        a middle one is first, the longest comes before the shortest, so that events come in one order.
        """
        span = range(low, max(high, low + count * 2))
        ordered = sorted(self.lengths.sample(span, count))
        return [*ordered[count // 2 :], *ordered[: count // 2]]

    def limit_s(self, usual_s: float) -> float:
        """A limit for the call, in seconds: the usual one, or what the row `limit` says."""
        if not self.has("limit") or self.fault is None or self.fault.at is None:
            return usual_s
        half_ns = gap_ns(self._known, self.fault.at) // 2
        off_ns = {"before": -500_000, "at": 0, "after": 500_000, "slow": half_ns}[self.fault.way]
        return (self._known[self.fault.at].at_ns + off_ns) / SECOND_NS

    # -- events ------------------------------------------------------------------------------------
    def event(self, participant: str, what: str) -> None:
        """Note that something happened; the fault of this run may be due."""
        number = len(self.events)
        self.events.append(Event(participant=participant, what=what, at_ns=self.since_ns))
        fault = self.fault
        if self.has("cancel", "chased") and self.stopped_ns is not None:
            self.cancel()
            asyncio.get_running_loop().call_soon(self.cancel)
        if fault is None or fault.at != number:
            return
        if fault.row == "cancel":
            self._cancel_at(fault.way)
        elif fault.row == "act":
            self._at(fault.way, self._do_act)
        elif fault.row == "slow":
            self._at(MIDWAY, self.cancel)
            if fault.way.endswith("twice"):
                half_ns = gap_ns(self._known, number) // 2 + STOPPING_NS // 2
                asyncio.get_running_loop().call_later(half_ns / SECOND_NS, self.cancel)

    def _cancel_at(self, way: str) -> None:
        if way == "eve":
            assert self.fault is not None and self.fault.at is not None
            gap_s = gap_ns(self._known, self.fault.at) / SECOND_NS
            asyncio.get_running_loop().call_later(gap_s, self.cancel)
        elif way in MIDWAY_WAYS:
            more = {"again": self._cancel_again, "often": self._cancel_often}
            self._at(MIDWAY, more.get(way, self.cancel))
        elif way.endswith("-turns"):
            self._at("turn", lambda: self.cancel(int(way[0]) - 1))
        else:
            self._at(way, self.cancel)

    def _at(self, way: str, do: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        assert self.fault is not None and self.fault.at is not None
        if way == "turn":
            loop.call_soon(do)
        elif way == MIDWAY:
            loop.call_later(gap_ns(self._known, self.fault.at) // 2 / SECOND_NS, do)
        else:
            do()

    def cancel(self, turns: int = 0) -> None:
        """Cancel the call, so many turns of its loop later: for what no row does."""
        if self._call is not None and not self._call.done():
            if self.stopped_ns is None:
                self.stopped_ns = self.since_ns
                self._trial.was_cancelled = True
            self._call.cancel_in(turns)

    def _cancel_again(self) -> None:
        for turns in range(5):
            self.cancel(turns)

    def _cancel_often(self, times: int = OFTEN) -> None:
        self.cancel()
        if times > 1 and self._call is not None and not self._call.done() and self.fault is not None:
            pause_ns = gap_ns(self._known, self.fault.at or 0) / (OFTEN + 2)
            asyncio.get_running_loop().call_later(pause_ns / SECOND_NS, self._cancel_often, times - 1)

    def _do_act(self) -> None:
        if self.act is not None:
            self.acted_ns = self.since_ns
            self.act()

    def is_last_event(self) -> bool:
        """Whether nothing comes after the event of this run's fault: then the call may end either way."""
        assert self.fault is not None and self.fault.at is not None
        return not gap_ns(self._known, self.fault.at)

    # -- participants ------------------------------------------------------------------------------
    async def step(
        self,
        participant: str,
        takes_ms: float,
        gives: object = None,
        given: object = None,
        *,
        raises: BaseException | None = None,
        is_protected: bool = False,
        stops: str | None = None,
    ) -> Any:
        """A participant's step, to be awaited in a callable that the learner's code is given.

        It `gives` a value or `raises` an error at its end, in every run. One that is protected goes on
        to its end though the call is cancelled. One that `stops` as a way of the row `slow` says does so in
        every run, whoever cancels it.
        """
        number = len(self.steps)
        step = Step(participant, given, self.since_ns, is_protected=is_protected)
        self.steps.append(step)
        is_victim = self.has("fail") and self.fault is not None and self.fault.at == number
        stops = self._stops(len(self.events)) if stops is None else stops
        self.event(participant, "begins")
        end = "was cancelled"
        try:
            if not (is_victim and self.has("fail", "at-once")):
                await self._wait(takes_ms, step, stops)
            end = "failed" if is_victim or raises is not None else "ended"
        except Exception as error:
            end = "failed"
            self._raised.append(error)
            raise
        finally:
            step.ended_ns, step.end = self.since_ns, end
        self.event(participant, "ends")
        if is_victim and self.fault is not None:
            raises = self.error = ERRORS[self.fault.way](f"{participant}: {self.rng.randrange(10**6)}")
        if raises is not None:
            step.error = raises
            self._raised.append(raises)
            raise raises
        return gives

    def _stops(self, number: int) -> str | None:
        """How a step that begins with that event stops when it is cancelled; None for at once."""
        if self.has("slow", "all", "all-twice"):
            return ""
        if self.fault is None or self.fault.at != number:
            return None
        if self.has("timeout", "slow") or self.has("limit", "slow"):
            return ""
        return self.fault.way if self.has("slow") else None

    async def _wait(self, takes_ms: float, step: Step, stops: str | None) -> None:
        try:
            await asyncio.sleep(takes_ms / 1000)
        except asyncio.CancelledError:
            step.cancelled_ns = self.since_ns
            if stops is None:
                raise
            await _undisturbed(STOPPING_NS / SECOND_NS)
            if stops == "fails":
                self.error = RuntimeError(f"it could not stop ({self.rng.randrange(10**6)})")
                raise self.error from None
            if stops != "answers":
                raise

    async def serve_lines(
        self,
        label: str,
        host: str,
        port: int,
        answer: Callable[[str], str | bytes],
        *,
        takes_ms: float = 0.0,
        latency_ms: float = 0.0,
        connects_after_ms: float = 0.0,
        keeps_open: bool = False,
    ) -> None:
        """A server that answers one line per connection after that time; `label` is for events and faults.

        One that `keeps_open` leaves it to the other side to close the connection after an answer.
        """
        handler = _answering(self, label, host, answer, takes_ms, keeps_open=keeps_open)
        await self.serve(
            label, host, port, handler, latency_ms=latency_ms, connects_after_ms=connects_after_ms
        )

    async def serve(
        self,
        label: str,
        host: str,
        port: int,
        handler: Callable[[Any, Any], Any],
        *,
        latency_ms: float = 0.0,
        connects_after_ms: float = 0.0,
    ) -> None:
        """An `asyncio.start_server` handler on that host, reached as the fault of this run says."""
        self._hosts.add(host)
        way = self.lost(label)
        if way == "no-name":
            return
        if self.has("network", "far"):
            latency_ms += FAR_NS / 1e6
        if not clock_is_exact():
            latency_ms = 0.0  # Loopback has none.
        link = self.net.host(host, latency_s=latency_ms / 1000)
        late_ns = LATE_NS if self.has("network", "connects-late") else 0
        link.connects_after_ns = round(connects_after_ms * 1e6) + late_ns
        link.refuses_with = _NO_CONNECTION.get(way)
        link.up = way != "silent"

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.event(label, "connects")
            if way == "reset":
                self.net.reset(writer)
                return
            if self.has("network", "reads-late"):
                transport: Any = writer.transport  # a socket's, which reads too
                transport.pause_reading()
                await asyncio.sleep(LATE_NS / SECOND_NS)
                transport.resume_reading()
            await handler(reader, writer)

        await self.net.serve(host, port, handle)

    async def send(self, label: str, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Write it all, in the pieces in which this run's network brings it; the last one is an event."""
        if self.has("network", "bytes") and len(data) > 1:
            pause_ns = PIECES_NS // (len(data) - 1)
            for number in range(len(data) - 1):
                if writer.transport.is_closing():
                    return  # Nobody is there any more.
                writer.write(data[number : number + 1])
                await asyncio.sleep(pause_ns / SECOND_NS)
            await asyncio.sleep((PIECES_NS - pause_ns * (len(data) - 1)) / SECOND_NS)
            data = data[-1:]
        self.event(label, "answers")
        writer.write(data)
        await writer.drain()

    def lost(self, label: str) -> str:
        """In which way the server of that label cannot be talked with; empty where it can."""
        return self.fault.way if self.has("lose") and self.fault and self.fault.participant == label else ""

    @property
    def extra_ns(self) -> int:
        """How much longer one exchange of a question takes because of this run's network: there and back to
        connect, there for the question, back for the answer."""
        if self.has("network", "far"):
            return 4 * FAR_NS
        if self.has("network", "bytes"):
            return PIECES_NS
        return LATE_NS if self.has("network", "connects-late", "reads-late") else 0

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every request that this run's servers saw, in order of arrival."""
        return tuple(one for one in self.net.exchanges if one.host in self._hosts)

    # -- the call ----------------------------------------------------------------------------------
    def call(self, name: str, /, *args: Any, **kwargs: Any) -> RemoteCall:
        """Make the call that this check is about; faults concern it, and instants count from it."""
        return self._call_of(None, name, args, kwargs)

    def call_method(self, target: RemoteObject, name: str, /, *args: Any, **kwargs: Any) -> RemoteCall:
        """The same for a method of an object of the learner's."""
        return self._call_of(target, name, args, kwargs)

    def _call_of(self, target: RemoteObject | None, name: str, args: Any, kwargs: Any) -> RemoteCall:
        self.began_ns = self.now_ns
        within_ns = None
        if self.has("timeout") and self.fault is not None and self.fault.at is not None:
            within_ns = self._known[self.fault.at].at_ns + gap_ns(self._known, self.fault.at) // 2
            self.stopped_ns = within_ns
            self._trial.was_cancelled = True
        has_caught = self.has("caught") or self.has("timeout", "caught")
        self._call = self.kata.call_from(
            name, args, kwargs, target=target, within_ns=within_ns, caught=has_caught
        )
        return self._call

    async def result(self, call: RemoteCall) -> Any:
        """What the call returned, for a body with an oracle of its own; its error is raised."""
        outcome = await self.outcome(call)
        self._assert_not_cancelled(outcome)
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    async def outcome(self, call: RemoteCall) -> Outcome:
        """Wait for the end of the call, whatever it is. Raises Failure where it did not get that far."""
        await asyncio.wait([call])
        assert call.ended_ns is not None
        at_ns = call.ended_ns - call.started_ns - (WORKS_ON_NS if self.has("timeout") else 0)
        self._assert_count_kept()
        if call.cancelled():
            return Outcome("cancelled", None, None, at_ns)
        error = call.exception()
        if isinstance(error, Failure):
            raise error
        if error is not None:
            return Outcome("raised", None, error, at_ns)
        return Outcome("returned", call.result(), None, at_ns)

    # -- what must hold ----------------------------------------------------------------------------
    def _assert_count_kept(self) -> None:
        """`Task.cancelling()` is for the caller what it was before the call."""
        if self.kata.guest.miscounted is not None:
            before, after = self.kata.guest.miscounted
            text = f"The caller's `Task.cancelling()` was {before} before the call and {after} after it."
            check(False, text)

    def assert_no_mistake(self, outcome: Outcome) -> None:
        """An error that no step has raised is a mistake in the learner's code, with its line: raise it.

        For a body that looks at steps before it looks at how the call ended.
        """
        if outcome.error is not None and not self._raised and not self.has("timeout"):
            raise outcome.error

    async def returns(
        self, call: RemoteCall, value: object, *, took_ns: int | None = None, what: str = "The result"
    ) -> None:
        """The call returns that, in exactly that time; with a fault it ends as that fault demands."""
        outcome = await self.outcome(call)
        if self._is_settled_by_fault(outcome):
            return
        self._assert_not_cancelled(outcome)
        if outcome.error is not None:
            raise outcome.error
        assert_equal(outcome.value, value, what)
        if took_ns is not None:
            assert_took(self.kata, took_ns)

    async def raises(
        self,
        call: RemoteCall,
        error: BaseException,
        *,
        at_ns: int | None = None,
        grouped: bool | None = False,
    ) -> None:
        """The call raises the same error: bare, in a group of its own (`grouped`), or either (None)."""
        outcome = await self.outcome(call)
        if self._is_settled_by_fault(outcome):
            return
        self._assert_not_cancelled(outcome)
        self.assert_raised(outcome, error, grouped=grouped)
        if at_ns is not None and is_off(outcome.at_ns, at_ns):
            check(False, f"It should raise that at {show_ns(at_ns)}, not at {show_ns(outcome.at_ns)}.")

    def assert_raised(self, outcome: Outcome, error: BaseException, *, grouped: bool | None = False) -> None:
        """The call raised the same error, whether it was cancelled or not; `grouped` as for `raises`."""
        if outcome.error is None:
            check(False, f"It should raise {describe(error)}, but it {_how(outcome)}.")
        seen = outcome.error
        if grouped is not False and isinstance(seen, BaseExceptionGroup) and len(seen.exceptions) == 1:
            seen, grouped = seen.exceptions[0], False
        same = seen is not None and not grouped and describe(seen) == describe(error)
        check(same, f"It should raise {describe(error)}, but it {_how(outcome)}.")

    def _is_settled_by_fault(self, outcome: Outcome) -> bool:
        """Check what the fault demands of the call's end; say whether that is all there is to check."""
        if self.has("timeout"):
            self.assert_expired(outcome)
            return True
        if self.stopped_ns is None:
            return False
        if outcome.kind != "cancelled" and (self.is_last_event() or self.has("slow", "fails", "answers")):
            return self.has("slow")
        self.assert_cancelled(outcome)
        return True

    def _assert_not_cancelled(self, outcome: Outcome) -> None:
        check(outcome.kind != "cancelled", "It ended as if cancelled.", Verdict.RUNTIME_ERROR)

    def assert_cancelled(self, outcome: Outcome) -> None:
        """The call ended as a cancelled one does: at that instant, with all that it had begun."""
        stopped_ns = self.stopped_ns
        assert stopped_ns is not None
        if outcome.kind != "cancelled":
            text = f"The call was cancelled, but it {_how(outcome)}: the cancellation did not come out of it."
            check(False, text)
        self.assert_all_stopped(stopped_ns, outcome.at_ns)

    def assert_all_stopped(
        self, stopped_ns: int, ended_ns: int, *, steps: Sequence[Step] | None = None
    ) -> None:
        """Whatever was under way at that instant was cancelled at it, and the call ended with the last.

        What is protected was not cancelled. That is so for all steps of the run, or for those of one call of
        several, which began at the same instant.
        """
        self.assert_protected()
        steps = self.steps if steps is None else steps
        for step in steps:
            is_over = step.ended_ns is not None and step.ended_ns <= stopped_ns
            if not is_over and not step.is_protected and step.cancelled_ns != stopped_ns:
                when = "never" if step.cancelled_ns is None else f"at {show_ns(step.cancelled_ns)}"
                text = f"{step.participant} should be cancelled at {show_ns(stopped_ns)}, but was {when}."
                check(False, text, Verdict.LEAKED)
        last_ns = max([stopped_ns, *(step.ended_ns or 0 for step in steps)])
        text = f"It should end at {show_ns(last_ns)}, with the last of what it had begun; it ended at"
        check(not is_off(ended_ns, last_ns), f"{text} {show_ns(ended_ns)}.", Verdict.LEAKED)

    def assert_in_a_row(
        self, ended_ns: int, *, steps: Sequence[Step] | None = None, began_ns: int = 0
    ) -> None:
        """Each step began at the instant at which the one before had ended; the call ended with the last.

        That is so for all steps of the run, or for those of one call of several, which began then.
        """
        due_ns = began_ns
        for step in self.steps if steps is None else steps:
            self.assert_on_time(step.began_ns, due_ns, f"{step.participant} should begin")
            text = f"{step.participant} was still under way when more was begun, or when it had ended."
            check(step.ended_ns is not None, text, Verdict.LEAKED)
            due_ns = step.ended_ns or 0
        self.assert_on_time(ended_ns, due_ns, "It should end with its last step,")

    def assert_on_time(self, seen_ns: int, due_ns: int, what: str) -> None:
        """It happened at that instant; what is late has waited for something that it need not wait for.

        `what` begins the sentence: `The second request should be made`.
        """
        verdict = Verdict.NOT_CONCURRENT if is_late(seen_ns, due_ns) else Verdict.WRONG_ANSWER
        text = f"{what} at {show_ns(due_ns)}, but that was at {show_ns(seen_ns)}."
        check(not is_off(seen_ns, due_ns), text, verdict)

    def assert_protected(self) -> None:
        """No cancellation has reached a protected step."""
        for step in self.steps:
            if step.is_protected and step.cancelled_ns is not None:
                at = show_ns(step.cancelled_ns)
                check(False, f"{step.participant} should never be cancelled, but it was, at {at}.")

    def assert_expired(self, outcome: Outcome) -> None:
        """The caller's `asyncio.timeout` expired: a TimeoutError for the caller, and nothing else."""
        assert self.stopped_ns is not None
        is_timeout = isinstance(outcome.error, TimeoutError)
        text = f"The caller's `asyncio.timeout` expired, but instead of TimeoutError it {_how(outcome)}."
        check(is_timeout, text)
        self.assert_all_stopped(self.stopped_ns, outcome.at_ns)

    def connections(self, host: str) -> list[tuple[int, int | None]]:
        """When each of the learner's connections to that host was begun, and when it was closed; in order."""
        attempts = self.net.learner_attempts(host)
        return [
            (one.began_ns - self.began_ns, None if one.ended_ns is None else one.ended_ns - self.began_ns)
            for one in attempts
        ]

    def assert_connected(self, participant: str, host: str, due: Sequence[tuple[int, int]]) -> None:
        """Each of its connections was begun and closed at these instants, and there were no others."""
        if not clock_is_exact():
            return  # Nobody saw them.
        seen = self.connections(host)
        text = f"{participant} should get {len(due)} connections, but got {len(seen)}."
        verdict = Verdict.NOT_CONCURRENT if len(seen) < len(due) else Verdict.WRONG_ANSWER
        check(len(seen) == len(due), text, verdict)
        for (began_ns, ended_ns), (due_ns, end_ns) in zip(seen, due, strict=True):
            self.assert_on_time(began_ns, due_ns, f"{participant} should be connected to")
            was = "was still open at the end" if ended_ns is None else f"was open until {show_ns(ended_ns)}"
            text = f"The connection to {participant} should be closed at {show_ns(end_ns)}, but {was}."
            check(ended_ns is not None and not is_late(ended_ns, end_ns), text, Verdict.LEAKED)

    def assert_over(self) -> None:
        """The call has ended, and with it all that it had begun; what is protected was not cancelled."""
        self.assert_protected()
        left = [step.participant for step in self.steps if step.ended_ns is None]
        if left:
            was = "was" if len(left) == 1 else "were"
            text = f"{', '.join(left[:5])} {was} still under way when it had ended."
            check(False, text, Verdict.LEAKED)

    async def nothing_goes_on(self) -> None:
        """Whatever the call began has ended with it, and nothing begins later."""
        self.assert_over()
        await asyncio.sleep(1 / SECOND_NS)  # closing a connection may take one more turn
        open_count = self.net.learner_connections()
        if open_count:
            some = "1 connection is" if open_count == 1 else f"{open_count} connections are"
            check(False, f"{some} still open after it has ended.", Verdict.LEAKED)
        for task in (await self.kata.inspect()).pending:
            text = f"The task `{task.task}` was still running when it had ended."
            raise Failure(text, verdict=Verdict.LEAKED, line=task.line, misconception="task_dropped")
        begun = len(self.steps), len(self.net.exchanges)
        await asyncio.sleep(long_s(AFTERWARDS_S))
        is_quiet = (len(self.steps), len(self.net.exchanges)) == begun
        check(is_quiet, "Something was begun after it had ended.", Verdict.LEAKED)


async def _undisturbed(length_s: float) -> None:
    """Wait so long, however often it is cancelled meanwhile."""
    loop = asyncio.get_running_loop()
    until = loop.time() + length_s
    over = asyncio.ensure_future(asyncio.sleep(length_s))
    while not over.done():
        try:
            await asyncio.shield(over)
        except asyncio.CancelledError:
            if loop.time() >= until:
                break


def _answering(
    run: SweepRun,
    label: str,
    host: str,
    answer: Callable[[str], str | bytes],
    takes_ms: float,
    *,
    keeps_open: bool,
) -> Callable[[Any, Any], Any]:
    """A handler that answers one line."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        if not line.endswith(b"\n"):
            return
        question = line.decode("utf-8", "replace").rstrip("\r\n")
        with run.net.request(host, question):
            run.event(label, "asks")
            await asyncio.sleep(takes_ms / 1000)
            reply = answer(question)
            data = reply if isinstance(reply, bytes) else f"{reply}\n".encode()
            way = run.lost(label)
            if way in ("half", "reset-half"):
                data = data[: len(data) // 2]
            elif way in ("hang-up", "reset-asked"):
                data = b""
            elif way == "no-text":
                data = b"\xff" + data
            await run.send(label, writer, data)
            if way == "reset-half":
                await asyncio.sleep(PIECES_NS / SECOND_NS)
            if way in RESETS:
                run.net.reset(writer)
            elif keeps_open and way not in ("half", "hang-up"):
                await reader.read()

    return handle


def _how(outcome: Outcome) -> str:
    """How the call ended, in words."""
    if outcome.kind == "cancelled":
        return "ended as if cancelled"
    return "returned" if outcome.error is None else f"raised {describe(outcome.error)}"


def describe(error: BaseException) -> str:
    """An error in words: `OSError: no luck`."""
    if isinstance(error, BaseExceptionGroup):
        inner = ", ".join(map(describe, error.exceptions[:5]))
        return f"{type(error).__name__} of [{inner}]"
    text = str(error)[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
