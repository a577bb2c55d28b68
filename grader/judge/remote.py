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
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager
from typing import Any

from grader import wire
from grader.errors import WireError
from grader.judge.callables import Callables
from grader.judge.exceptions import rebuild, record_of
from grader.judge.failures import over_bound
from grader.judge.guest import GuestSession
from grader.records import BlockedStretch, Exchange, History
from grader.testing import Failure, Verdict, is_late, show_ns
from grader.testing.declared import GuestObject


class RemoteKata:
    """See the module's header."""

    def __init__(self, guest: GuestSession) -> None:
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
            text = "It returned a coroutine and not a result: an `await` is missing."
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


# -- calls under way, and objects that stay in the guest -------------------------------------------
class RemoteCall(asyncio.Future[Any]):
    """A call under way in the guest. Cancelling it cancels the guest's task, and waits for that."""

    def __init__(self, kata: RemoteKata, number: int) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._kata, self._number = kata, number
        self._cancel_sent = False
        self.started_ns = kata.now_ns
        self.ended_ns: int | None = None

    def cancel(self, msg: Any = None) -> bool:
        """Ask the guest's task to cancel; this future ends as that task does."""
        return self.cancel_in(0)

    def cancel_in(self, turns: int) -> bool:
        """`cancel`, so many turns of the guest's loop later: at the same instant."""
        if self.done():
            return False
        self._cancel_sent = True
        self._kata.guest.post(wire.Cancel(self._number, turns))
        return True

    def settle(self, reply: asyncio.Future[Any]) -> None:
        """End as the guest's reply says."""
        self.ended_ns = self._kata.now_ns
        self._kata.note_end(self)
        try:
            self.set_result(self._kata.result_of(reply.result()))
        except asyncio.CancelledError as error:
            if self._cancel_sent:
                super().cancel()
            else:
                self.set_exception(_cancelled_itself(error))
                self.exception()
        except BaseException as error:  # Whatever the guest raised is this future's outcome.
            self.set_exception(error)
            self.exception()


def _cancelled_itself(error: asyncio.CancelledError) -> Failure:
    """A CancelledError that the guest raised though the suite cancelled nothing: the learner's failure."""
    record = record_of(error)
    line = None if record is None else next((number for number, _ in reversed(record.frames)), None)
    return Failure(
        "It raised CancelledError, though nobody had cancelled it: your code cancelled itself and the"
        " CancelledError escaped.",
        verdict=Verdict.RUNTIME_ERROR,
        line=line,
    )


class RemoteReply:
    """What a method of a remote object gives: await it, enter it, or iterate over it."""

    def __init__(self, kata: RemoteKata, target: RemoteObject, name: str, args: Any, kwargs: Any) -> None:
        self._kata, self._target, self._name, self._args, self._kwargs = kata, target, name, args, kwargs
        self._entered: RemoteObject | None = None

    def start(self) -> RemoteCall:
        """Make the call now and go on; the future is the call under way."""
        return self._kata.post(self._name, self._args, self._kwargs, target=self._target)

    def as_object(self) -> RemoteObject:
        """Keep what the method gives, not awaited, as an object of the guest."""
        return self._kata.keep(self._name, self._args, self._kwargs, target=self._target)

    def __await__(self) -> Generator[Any, None, Any]:
        return self.start().__await__()

    async def __aenter__(self) -> Any:
        self._entered = self.as_object()
        return await self._entered.__aenter__()

    async def __aexit__(self, *exc_info: Any) -> Any:
        assert self._entered is not None
        return await self._entered.__aexit__(*exc_info)

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.as_object().__aiter__()


class RemoteObject(GuestObject):
    """An object that lives in the guest; every method of it is a call there."""

    def __init__(
        self, kata: RemoteKata, number: int, created: RemoteCall | None = None, guest_type: str = "object"
    ) -> None:
        self._kata, self.number, self.created, self.guest_type = kata, number, created, guest_type

    def __getattr__(self, name: str) -> Callable[..., RemoteReply]:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: RemoteReply(self._kata, self, name, args, kwargs)

    def _special(self, name: str, *args: Any) -> RemoteCall:
        return self._kata.post(name, args, {}, target=self)

    def __await__(self) -> Generator[Any, None, Any]:
        return self._special("__await__").__await__()

    async def __aenter__(self) -> Any:
        return await self._special("__aenter__")

    async def __aexit__(self, kind: Any, error: BaseException | None, tb: Any) -> Any:
        return await self._special("__aexit__", None, error, None)

    async def __aiter__(self) -> AsyncIterator[Any]:
        iterator = await self._kata.keep("__aiter__", (), {}, target=self).ready()
        while True:
            try:
                item = await iterator._special("__anext__")
            except StopAsyncIteration:
                return
            yield item

    async def ready(self) -> RemoteObject:
        """Wait until it has been made. Raises what making it raised."""
        if self.created is not None:
            await self.created
        return self

    def iterator(self) -> RemoteObject:
        """Its async iterator, to drive by hand with `.__anext__` and `.aclose()`."""
        return self._kata.keep("__aiter__", (), {}, target=self)

    def next(self) -> RemoteCall:
        """One `__anext__` of an async iterator. Raises StopAsyncIteration at its end."""
        return self._special("__anext__")
