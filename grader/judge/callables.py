"""Callables that stay in the judge: the guest asks, a task here answers."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import msgspec

from grader import wire
from grader.errors import WireError
from grader.judge.arguments import Declaration
from grader.judge.exceptions import error_value
from grader.judge.guest import GuestSession
from grader.records import Exchange
from grader.testing import Failure
from grader.testing.declared import GuestObject
from grader.wire import ExceptionRecord, NotTransferable, OverBound, Packed

MAX_EXCHANGES = 5_000
MAX_AT_ONCE = 20_000
MAX_PARTS = 2_000_000
"""How many parts all values of a guest's may have that are looked at in one check."""


class Callables:
    """Numbers the callables and objects that cross the wire, and answers the guest's questions."""

    def __init__(self, guest: GuestSession, make_object: Callable[[int, str], Any]) -> None:
        self._guest = guest
        self._make_object = make_object
        self._callables: dict[int, Callable[..., Any]] = {}
        self._declared: dict[int, Declaration] = {}
        self._answering: dict[int, asyncio.Task[None]] = {}
        self._parts = 0
        self._begun: set[int] = set()
        self._exchanges: list[Exchange] = []
        guest.on_callback, guest.on_callback_cancel = self._take_call, self._take_cancel

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every call that took time, or still does: what there was to overlap; of no host."""
        return tuple(one for one in self._exchanges if one.end_ns is None or one.end_ns > one.start_ns)

    def pack(self, value: Any) -> Packed:
        """A suite's value for the guest. Raises NotTransferable: the suite author's mistake."""
        return wire.pack(value, self._export)

    def unpack(self, packed: Packed) -> Any:
        """A guest's value. Raises WireError."""
        self._parts += wire.count_parts(packed)
        if self._parts > MAX_PARTS:
            raise OverBound(f"values of more than {MAX_PARTS:,} parts in one check")
        return wire.unpack(packed, self._import)

    def _export(self, value: Any) -> list[Any] | None:
        if isinstance(value, GuestObject):
            return ["object", value.number]
        if isinstance(value, BaseException):
            return ["error", [kind.__name__ for kind in type(value).__mro__], [str(value)]]
        if not callable(value):
            return None
        number = len(self._callables) + 1
        self._callables[number], self._declared[number] = value, Declaration(value)
        return ["callable", number, getattr(value, "__name__", "callable"), _is_async(value)]

    def _import(self, tag: str, parts: list[Any]) -> Any:
        if tag == "object" and parts and isinstance(parts[0], int):
            guest_type = parts[1] if len(parts) > 1 and isinstance(parts[1], str) else "object"
            return self._make_object(parts[0], guest_type)
        if tag == "error" and len(parts) == 2:
            return error_value(*parts)
        raise WireError(f"no value has the tag {tag!r:.40}")

    # -- answering ---------------------------------------------------------------------------------
    def _take_call(self, call: wire.CallbackCall) -> None:
        function = self._callables.get(call.callable)
        if function is None or call.number in self._answering:
            return
        if len(self._answering) >= MAX_AT_ONCE:
            raise OverBound(f"more than {MAX_AT_ONCE:,} calls at once to what it was given")
        arguments, keywords = self.unpack(call.arguments), self.unpack(call.keywords)
        if not isinstance(arguments, tuple) or not isinstance(keywords, dict):
            raise WireError("arguments that are none")
        try:
            self._declared[call.callable].check(arguments, keywords)
        except Failure as failure:
            self._guest.end(failure)
            return
        answer = self._answer(call.number, function, arguments, keywords)
        task = asyncio.get_running_loop().create_task(answer)
        self._answering[call.number] = task
        task.add_done_callback(lambda _: self._answering.pop(call.number, None))

    def _take_cancel(self, number: int) -> None:
        task = self._answering.get(number)
        if task is not None:
            if number in self._begun:
                task.cancel()
            else:  # First it begins: a coroutine is cancelled where it waits.
                asyncio.get_running_loop().call_soon(task.cancel)

    async def _answer(
        self, number: int, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> None:
        self._begun.add(number)
        name, index = getattr(function, "__name__", "callable"), len(self._exchanges)
        begun = Exchange(host="", label=name, start_ns=self._guest.kernel.now_ns, end_ns=None)
        if index < MAX_EXCHANGES:
            self._exchanges.append(begun)
        # Called as an ordinary function, it is the suite's that holds the loop.
        held = nullcontext() if _is_async(function) else self._guest.pulse.excused(begun.start_ns)
        with held:
            reply = await self._reply(number, function, arguments, keywords)
        if index < MAX_EXCHANGES:
            ended = msgspec.structs.replace(begun, end_ns=self._guest.kernel.now_ns)
            self._exchanges[index] = ended
        self._begun.discard(number)
        if reply is not None:
            self._guest.post(reply)

    async def _reply(
        self, number: int, function: Callable[..., Any], arguments: Any, keywords: Any
    ) -> wire.CallbackAnswer | None:
        """What to answer; None if the guest has ended for what it gave."""
        try:
            result = function(*arguments, **keywords)
            if inspect.isawaitable(result):
                result = await result
            return wire.CallbackAnswer(number, self.pack(result), None)
        except Failure as failure:
            self._guest.end(failure)
            return None
        except (KeyboardInterrupt, SystemExit):
            raise  # Somebody stops the judge.
        except BaseException as error:  # The suite's fault, injected on purpose.
            return wire.CallbackAnswer(number, None, _record(error))


def _is_async(function: Callable[..., Any]) -> bool:
    """Whether the guest sees a coroutine function; any other blocks it until it has been answered."""
    return inspect.iscoroutinefunction(function) and not hasattr(function, "blocks_the_guest")


def _record(error: BaseException) -> ExceptionRecord:
    try:
        arguments = tuple(wire.pack(argument) for argument in error.args)
    except NotTransferable:
        arguments = (wire.pack(str(error)),)
    types = tuple(kind.__name__ for kind in type(error).__mro__)
    return ExceptionRecord(types, str(error), arguments, (), (), ())
