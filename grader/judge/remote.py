"""The `kata` fixture: the learner's module as seen from a suite, over the wire.

    value = await kata.call("read_all", names)          # a coroutine function's result
    limiter = kata.new("RateLimiter", rate=5)           # an object that stays in the guest
    await limiter.acquire()
    async with pool.connection() as connection: ...
    async for page in kata.new("pages", fetch): ...

Callables among the arguments stay here; the guest calls them over the wire. A call is under way
as soon as it is made, so several can be at once; cancelling it cancels the guest's task.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from grader import wire
from grader.errors import WireError
from grader.judge.callables import Callables
from grader.judge.calls import RemoteCall, RemoteObject
from grader.judge.exceptions import rebuild
from grader.judge.failures import over_bound
from grader.judge.guest import Guest
from grader.records import BlockedStretch, Exchange, History
from grader.testing import Failure, Verdict, is_late, show_ns


class RemoteKata:
    """See the module's header."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self._number = 0
        self._objects = 0
        self._callables = Callables(guest, self._object)
        self._last: RemoteCall | None = None
        self._under_way = 0
        self._turns = 0
        self._turn_began_ns = 0
        self.best_ns: int | None = None

    @property
    def now_ns(self) -> int:
        return self.guest.kernel.now_ns

    @property
    def has_called(self) -> bool:
        """Whether the suite has made a call."""
        return self._number > 0

    # -- calling -----------------------------------------------------------------------------------
    def call(self, name: str, /, *args: Any, **kwargs: Any) -> RemoteCall:
        """Call a coroutine function of the learner's module with plain data and callables.

        The future's result is plain data. Raises what the learner's code raises, rebuilt; and
        Failure where it is no coroutine function, gives something else than data, or has ended.
        """
        return self.post(name, args, kwargs, strict=True)

    def call_from(
        self,
        name: str,
        args: Any,
        kwargs: Any,
        *,
        target: RemoteObject | None = None,
        within_ns: int | None = None,
        caught: bool = False,
    ) -> RemoteCall:
        """`call`, by a caller who has `asyncio.timeout` around it, or has caught a cancellation before."""
        return self.post(name, args, kwargs, target=target, strict=True, within_ns=within_ns, caught=caught)

    def call_any(self, name: str, /, *args: Any, **kwargs: Any) -> RemoteCall:
        """Call any function; what it gives is awaited where it can be, and may be an object."""
        return self.post(name, args, kwargs)

    def new(self, name: str, /, *args: Any, **kwargs: Any) -> RemoteObject:
        """Make an object in the guest: of a class, or what a function gives, not awaited."""
        return self.keep(name, args, kwargs)

    def post(
        self,
        name: str,
        args: Any,
        kwargs: Any,
        *,
        target: RemoteObject | None = None,
        strict: bool = False,
        into: int | None = None,
        within_ns: int | None = None,
        caught: bool = False,
    ) -> RemoteCall:
        """Send a call to the guest; the public ways to call all come here."""
        self._number += 1
        if not self._under_way:
            self._turn_began_ns = self.now_ns
        self._under_way += 1
        call = self._last = RemoteCall(self, self._number)
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        reply.add_done_callback(call.settle)
        self.guest.expect("call", self._number, reply)
        number = None if target is None else target.number
        pack = self._callables.pack
        order = wire.Call(
            self._number, number, name, pack(args), pack(kwargs), strict, into, within_ns, caught
        )
        self.guest.post(order)
        return call

    def keep(self, name: str, args: Any, kwargs: Any, *, target: RemoteObject | None = None) -> RemoteObject:
        """Have what a call gives kept in the guest."""
        self._objects -= 1
        created = self.post(name, args, kwargs, target=target, into=self._objects)
        return RemoteObject(self, self._objects, created)

    def _object(self, number: int, guest_type: str) -> RemoteObject:
        return RemoteObject(self, number, guest_type=guest_type)

    def result_of(self, reply: Any) -> Any:
        """The value of a guest's reply. Raises what it says was raised."""
        if isinstance(reply, wire.Returned):
            try:
                return self._callables.unpack(reply.value)
            except wire.OverBound as error:
                raise over_bound(error) from None
            except WireError as error:
                raise Failure(f"It answered with what is no value: {error}.") from None
        if isinstance(reply, wire.Raised):
            raise rebuild(reply.error)
        if isinstance(reply, wire.NotAwaitable):
            raise _not_awaitable(reply)
        if reply.kind == "coroutine":
            text = "It returned a coroutine that nobody awaited instead of a result: an `await` is missing."
            raise Failure(text, misconception="never_awaited")
        raise Failure(f"It returned {reply.kind}; return what the statement asks for, as plain data.")

    @property
    def printed(self) -> tuple[tuple[int, str], ...]:
        """Each piece of text that the learner's code has written to stdout: (instant in ns, text)."""
        return tuple((at_ns, text) for at_ns, stream, text in self.guest.output if stream == "stdout")

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Calls of the judge's callables that took time."""
        return self._callables.exchanges

    # -- time --------------------------------------------------------------------------------------
    def note_end(self, call: RemoteCall) -> None:
        self._last = call
        self._under_way -= 1
        self._turns += not self._under_way and self.now_ns > self._turn_began_ns

    @property
    def turns(self) -> int:
        """How often calls that took time were made while no other was under way."""
        return self._turns + bool(self._under_way)

    @property
    def elapsed_ns(self) -> int:
        """Virtual time from the start to the end of the call that ended last."""
        if self._last is None or self._last.ended_ns is None:
            return 0
        return self._last.ended_ns - self._last.started_ns

    def expect_best(self, best_ns: int) -> None:
        """Note the best possible time, for the report."""
        self.best_ns = best_ns

    @asynccontextmanager
    async def heartbeat(self) -> AsyncIterator[None]:
        """Have a check end with its body if the loop was blocked in it: Failure (BLOCKED_LOOP).

        Every check ends so in any case, once nothing else has failed (`assert_never_blocked`). This is
        for one whose other assertions are worth nothing if the loop was blocked.
        """
        try:
            yield
        finally:
            self.assert_never_blocked()

    def assert_never_blocked(self) -> None:
        """Raises Failure (BLOCKED_LOOP) if the guest's loop was held up at any time since it was loaded."""
        longest_ns = self.guest.pulse.longest_ns(self.now_ns)
        if self.guest.failure is None and is_late(longest_ns, 0):
            stretch = max(self.guest.notes.blocked, key=lambda s: s.end_ns - s.start_ns, default=None)
            raise Failure(
                f"The event loop was blocked for {_blocked(longest_ns, stretch)}: no other task could run.",
                verdict=Verdict.BLOCKED_LOOP,
                line=stretch.line if stretch else None,
                misconception="blocking_call_in_coroutine" if stretch else None,
            )

    def signal(self, signum: int) -> None:
        """Send the learner's process a signal, now."""
        self.guest.post(wire.Signal(signum))

    async def inspect(self) -> History:
        """Ask the guest what is left: for the inspection after each check."""
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.guest.expect("inspect", 0, reply)
        self.guest.post(wire.Inspect())
        found = await reply
        assert isinstance(found, wire.Inspected)
        self.guest.left = found.history
        return found.history


def _blocked(worst_ns: int, stretch: BlockedStretch | None) -> str:
    """How long, and in what: a beat may come in the midst of a call, and one call follow another."""
    if stretch is None:
        return show_ns(worst_ns)
    length_ns = stretch.end_ns - stretch.start_ns
    among = ", among others" if worst_ns > length_ns else ""
    return f"{show_ns(max(worst_ns, length_ns))}{among} in `{stretch.what}`"


def _not_awaitable(reply: wire.NotAwaitable) -> Failure:
    """The failure of a call that did not give what can be awaited."""
    if reply.kind == "async_generator":
        text = "It gave an async generator, which cannot be awaited: there is a `yield` in it."
        return Failure(text, line=reply.line)
    article = "an" if reply.kind[:1].lower() in "aeiou" else "a"
    value = "None" if reply.kind == "NoneType" else f"{article} {reply.kind}"
    text = (
        f"It gave {value}, not an awaitable: it is still an ordinary function"
        " that blocks. Write `async def`, and await inside."
    )
    return Failure(text, line=reply.line, misconception="not_a_coroutine")
