"""Calls from the judge: each is a task of its own on the guest's one loop."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import functools
import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from grader import wire
from grader.errors import WireError
from grader.guest import faults
from grader.guest.link import Link
from grader.records import cut
from grader.sim.kernel import NS

WORKS_ON_S = 0.001
"""How long a caller works on after its `asyncio.timeout`, before it says how the call ended."""
Pause = Callable[[str], tuple[Callable[[], None], Callable[[], object]]]
"""From what is waited in, for reports: (say that it is over, wait for that)."""


class Server:
    """Runs what the judge calls, keeps what it wants kept, and asks it what its callables answer."""

    def __init__(self, pause: Pause, link: Link, filename: str) -> None:
        """`pause` makes the means for a thread to wait until another says so."""
        self._pause, self._link, self.filename = pause, link, filename
        self._namespace: dict[str, Any] = {}
        self._objects: dict[int, Any] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._questions: dict[int, Callable[[wire.CallbackAnswer], None]] = {}
        self._counters = {"object": 0, "question": 0}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[Callable[[], None]] = []
        link.on(wire.Call, lambda event: self._on_loop(functools.partial(self._start, event)))
        link.on(wire.Cancel, lambda event: self._on_loop(functools.partial(self._cancel, event)))
        link.on(wire.Forget, lambda event: self._objects.pop(event.target, None))
        link.on(wire.CallbackAnswer, self._answered)

    def run(self, loop: asyncio.AbstractEventLoop, namespace: dict[str, Any]) -> None:
        """Serve on this loop until it is stopped or something ends it."""
        self._namespace, self._loop = namespace, loop
        for callback in self._waiting:
            loop.call_soon(callback)
        self._waiting.clear()
        loop.run_forever()

    def answer_on_loop(self, ping: wire.Ping) -> None:
        """Have the loop answer the judge's question when it next has a turn."""
        self._on_loop(functools.partial(self._link.act, wire.Pong(ping.number)))

    def _on_loop(self, callback: Callable[[], Any]) -> None:
        if self._loop is None:
            self._waiting.append(callback)
        else:
            self._loop.call_soon_threadsafe(callback)

    def _number(self, kind: str) -> int:
        self._counters[kind] += 1
        return self._counters[kind]

    # -- calls -------------------------------------------------------------------------------------
    def _start(self, call: wire.Call) -> None:
        assert self._loop is not None
        owner = "" if call.target is None else f"{type(self._objects.get(call.target)).__name__}."
        name = owner + call.name
        self._tasks[call.number] = self._loop.create_task(self._perform(call), name=name)

    def _cancel(self, event: wire.Cancel) -> None:
        task = self._tasks.get(event.number)
        if task is not None and event.turns > 0:
            later = msgspec.structs.replace(event, turns=event.turns - 1)
            task.get_loop().call_soon(self._cancel, later)
        elif task is not None:
            task.cancel()

    async def _perform(self, call: wire.Call) -> None:
        try:
            self._link.act(await self._outcome(call))
        except wire.OverBound as problem:
            self._link.act(wire.TooLarge(str(problem)))
        except BaseException as error:  # Whatever the learner's code raises is the call's outcome.
            record = faults.record(error, self.filename)
            if not record.frames and isinstance(error, TypeError):
                record = self._with_definition(record, call)
            self._link.act(wire.Raised(call.number, record))
            if isinstance(error, asyncio.CancelledError):
                raise
        finally:
            self._tasks.pop(call.number, None)

    async def _outcome(self, call: wire.Call) -> wire.Action:
        function = self._find(call)
        arguments = wire.unpack(call.arguments, self._import)
        if call.name == "__aexit__" and arguments[1] is not None:
            arguments = (type(arguments[1]), arguments[1], None)
        result = function(*arguments, **wire.unpack(call.keywords, self._import))
        if call.into is not None:
            self._objects[call.into] = result
            return wire.Returned(call.number, wire.pack(None))
        if inspect.isawaitable(result):
            is_plain = call.within_ns is None and not call.caught
            result = await (result if is_plain else self._as_caller(call, result))
        elif call.strict:
            return wire.NotAwaitable(call.number, cut(type(result).__name__), self._line_of(function))
        try:
            return self._returned(call, result)
        except wire.NotTransferable as problem:
            if inspect.iscoroutine(result):
                result.close()
            return wire.NotPlain(call.number, cut(str(problem)))

    async def _as_caller(self, call: wire.Call, awaitable: Awaitable[Any]) -> Any:
        """Await it as a caller of the kind that the call names, who works on afterwards."""
        task = asyncio.current_task()
        assert task is not None
        if call.caught:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0)
        before = task.cancelling()
        deadline = asyncio.timeout(None if call.within_ns is None else call.within_ns / NS)
        try:
            async with deadline:
                return await awaitable
        finally:
            if task.cancelling() != before:
                self._link.act(wire.Miscounted(call.number, before, task.cancelling()))
            if deadline.expired():
                await asyncio.sleep(WORKS_ON_S)

    def _returned(self, call: wire.Call, result: Any) -> wire.Action:
        return wire.Returned(call.number, wire.pack(result, _error_as_value if call.strict else self._keep))

    def _with_definition(self, record: wire.ExceptionRecord, call: wire.Call) -> wire.ExceptionRecord:
        """A call that did not fit its function never got inside: name the line of its definition."""
        line = self._line_of(self._namespace.get(call.name))
        return record if line is None else msgspec.structs.replace(record, frames=((line, call.name),))

    def _find(self, call: wire.Call) -> Callable[..., Any]:
        """What the call names. Raises NameError or TypeError in words for whoever left it out."""
        if call.target is not None:
            target = self._objects[call.target]
            if call.name == "__await__":
                return lambda: target
            function = getattr(target, call.name)
        elif call.name in self._namespace:
            function = self._namespace[call.name]
        else:
            raise NameError(f"your file defines no `{call.name}`: keep the names that the stub has")
        if not callable(function):
            raise TypeError(f"`{call.name}` should be a function, but it is {type(function).__name__}")
        return function  # type: ignore[no-any-return]  # whatever the learner defined; calling it tells

    def _line_of(self, function: Any) -> int | None:
        code = getattr(inspect.unwrap(function), "__code__", None)
        return code.co_firstlineno if code is not None and code.co_filename == self.filename else None

    def _export(self, value: Any) -> list[Any]:
        """What is no plain data, as an argument of a callable of the judge's."""
        return _error_as_value(value) or self._keep(value)

    def _keep(self, value: Any) -> list[Any]:
        number = self._number("object")
        self._objects[number] = value
        return ["object", number, cut(type(value).__name__)]

    # -- the judge's callables ---------------------------------------------------------------------
    def _import(self, tag: str, parts: list[Any]) -> Any:
        if tag == "object":
            return self._objects[parts[0]]
        if tag == "error":
            return builtin_error(*parts)
        if tag != "callable":
            raise WireError(f"no value has the tag {tag!r}")
        number, name, is_async = parts

        async def ask_async(*args: Any, **kwargs: Any) -> Any:
            return await self._ask_async(number, args, kwargs)

        def ask(*args: Any, **kwargs: Any) -> Any:
            return self._ask(number, name, args, kwargs)

        function = ask_async if is_async else ask
        function.__name__ = function.__qualname__ = name
        return function

    def _send_question(
        self,
        number: int,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        answered: Callable[[wire.CallbackAnswer], None],
    ) -> int:
        question = self._number("question")
        try:
            arguments, keywords = wire.pack(args, self._export), wire.pack(kwargs, self._export)
        except wire.OverBound as problem:
            self._link.act(wire.TooLarge(str(problem)))
            raise
        ask = wire.CallbackCall(question, number, arguments, keywords)
        self._questions[question] = answered  # First: on the real clock the answer may come at once.
        self._link.act(ask)
        return question

    def _answered(self, answer: wire.CallbackAnswer) -> None:
        settle = self._questions.pop(answer.number, None)
        if settle is not None:
            settle(answer)

    async def _ask_async(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        loop = asyncio.get_running_loop()
        answers: list[wire.CallbackAnswer] = []
        waiter: asyncio.Future[None] = loop.create_future()

        def settle(answer: wire.CallbackAnswer) -> None:
            answers.append(answer)
            if not waiter.done():
                waiter.set_result(None)

        def answered(answer: wire.CallbackAnswer) -> None:
            loop.call_soon_threadsafe(settle, answer)

        question = self._send_question(number, args, kwargs, answered)
        while True:
            try:
                await waiter
                return self._value_of(answers[0])
            except asyncio.CancelledError:
                if answers:
                    raise
                # As any coroutine would, the callable gets to clean up before it ends.
                self._link.act(wire.CallbackCancel(question))
                waiter = loop.create_future()

    def _ask(self, number: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        answers: list[wire.CallbackAnswer] = []
        answered, wait = self._pause(f"{name}()")

        def settle(answer: wire.CallbackAnswer) -> None:
            answers.append(answer)
            answered()

        self._send_question(number, args, kwargs, settle)
        wait()
        return self._value_of(answers[0])

    def _value_of(self, answer: wire.CallbackAnswer) -> Any:
        if answer.error is not None:
            raise rebuild(answer.error)
        return None if answer.value is None else wire.unpack(answer.value, self._import)


def _error_as_value(value: Any) -> list[Any] | None:
    """An exception that is given back as a value like any other."""
    if not isinstance(value, BaseException):
        return None
    return ["error", [cut(kind.__name__) for kind in type(value).__mro__][:20], [faults.text(value)]]


def builtin_error(names: Sequence[str], arguments: list[Any]) -> BaseException:
    """An exception of the judge's as one of the same built-in class, or of its nearest ancestor."""
    for name in names:
        kind = asyncio.CancelledError if name == "CancelledError" else getattr(builtins, name, None)
        if isinstance(kind, type) and issubclass(kind, BaseException):
            with contextlib.suppress(Exception):
                return kind(*arguments)
    return RuntimeError(*arguments)


def rebuild(error: wire.ExceptionRecord) -> BaseException:
    """The judge's exception as one of the guest's."""
    arguments = [wire.unpack(argument) for argument in error.arguments]
    return builtin_error(error.types, arguments or [error.message])
