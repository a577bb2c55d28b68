"""What a suite gets of the guest's: calls under way, and objects that stay there.

`grader.judge.remote` has the learner's module itself, from which all of these come.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from typing import TYPE_CHECKING, Any

from grader import wire
from grader.judge.exceptions import record_of
from grader.testing import Failure, Verdict
from grader.testing.declared import GuestObject

if TYPE_CHECKING:
    from grader.judge.remote import RemoteKata


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
        "It raised CancelledError, though nobody had cancelled it: a cancellation that your code asked"
        " for itself came out of it.",
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
