"""What the guest can say of itself: where its tasks wait, what blocked its loop, what it left behind.

All of it explains and none of it decides (docs/architecture.md): a verdict rests on what the judge saw.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import warnings
import weakref
from types import CodeType, CoroutineType, FrameType
from typing import Any

import msgspec

from grader import wire
from grader.errors import WorldEnded
from grader.guest import faults
from grader.guest.link import Link
from grader.records import MAX_LISTED, MAX_TEXT, BlockedStretch, History, TaskState, cut
from grader.sim.descriptors import Descriptor
from grader.sim.machine import Machine
from grader.sim.net.streams import Listener, Port, Stream

_MAX_NAME = MAX_TEXT - 20
"""Of a task's name: the number that makes it a lane's has room behind it."""
_MADE_WITHIN = 3
"""Frames below a coroutine's making in which the learner's line is looked for: each takes time to find."""
_STOCK_DEL = getattr(asyncio.StreamWriter, "__del__", None)


class RunWatch:
    """Keeps the guest's tasks in the order in which they were made, and notes what happens to them."""

    def __init__(self, machine: Machine, link: Link, filename: str, max_tasks: int) -> None:
        self._machine, self._link, self._filename = machine, link, filename
        self._max_tasks = max_tasks
        self._lines: list[str] = []
        self._tasks: list[weakref.ref[asyncio.Task[Any]]] = []
        self._names: dict[str, int] = {}
        self._parents: dict[str, str] = {}
        self._lane_of: weakref.WeakKeyDictionary[asyncio.Task[Any], str] = weakref.WeakKeyDictionary()
        self._noted: dict[weakref.ref[asyncio.Task[Any]], TaskState] = {}
        """What was told of each task last."""
        self._moving: dict[weakref.ref[asyncio.Task[Any]], Any] = {}
        """Tasks that may have moved since, in the order in which they were about to."""
        self._blocked: list[BlockedStretch] = []
        self._never_awaited: list[tuple[str, int | None]] = []
        self._never_retrieved: list[tuple[str, int | None]] = []
        self._dropped: list[tuple[str, int | None]] = []
        machine.where = self.line
        machine.task_made = self.task_made
        machine.task_touched = self._touched
        machine.kernel.observer = self
        link.before_advance = self._note
        link.on(wire.Inspect, self._inspect)

    def begin(self) -> None:
        """Be told by the interpreter and by asyncio, from now on and for this whole process."""
        sys.set_coroutine_origin_tracking_depth(_MADE_WITHIN)
        warnings._warn_unawaited_coroutine = self._unawaited  # type: ignore[attr-defined]  # CPython's own hook for this warning
        self._watch_writers()

    def learn_source(self, source: bytes, filename: str) -> None:
        """Take the learner's lines, to quote them, and what the file is called."""
        self._filename = filename
        self._lines = source.decode("utf-8", "replace").splitlines()

    # -- lines -------------------------------------------------------------------------------------
    def line(self) -> int | None:
        """The innermost line of the learner's file on the calling thread's stack."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == self._filename:
                return frame.f_lineno
            frame = frame.f_back
        return None

    def _text(self, line: int | None) -> str:
        return cut(self._lines[line - 1].strip()) if line and line <= len(self._lines) else ""

    def _is_theirs(self, code: CodeType) -> bool:
        return code.co_filename == self._filename

    # -- tasks -------------------------------------------------------------------------------------
    def task_made(self, task: asyncio.Task[Any]) -> None:
        """Number a new task's lane. Raises RuntimeError past the limit."""
        if len(self._tasks) >= self._max_tasks:
            self._tasks = [ref for ref in self._tasks if (t := ref()) is not None and not t.done()]
            if len(self._tasks) >= self._max_tasks:
                task.cancel()
                raise RuntimeError(f"too many tasks: this machine allows {self._max_tasks} at once")
        name = task.get_name()
        if name.startswith("Task-"):
            name = getattr(task.get_coro(), "__qualname__", "task").rpartition(".")[2]
        name = cut(name, _MAX_NAME)
        self._names[name] = count = self._names.get(name, 0) + 1
        lane = name if count == 1 else f"{name} #{count}"
        self._lane_of[task] = lane
        self._tasks.append(weakref.ref(task))
        self._touched(task)
        try:
            parent = asyncio.current_task()
        except RuntimeError:
            parent = None
        if parent is not None and parent in self._lane_of:
            self._parents[lane] = self._lane_of[parent]

    def _pending(self) -> list[asyncio.Task[Any]]:
        """The first of the pending tasks, in the order in which they were made."""
        pending = []
        references = iter(self._tasks)
        for reference in references:
            task = reference()
            if task is not None and not task.done():
                pending.append((reference, task))
                if len(pending) == MAX_LISTED:
                    break
        self._tasks = [*(reference for reference, _ in pending), *references]
        return [task for _, task in pending]

    def _state(self, task: asyncio.Task[Any]) -> TaskState:
        if asyncio.current_task(task.get_loop()) is task:
            line, function = self._where_running()
        else:
            line, function = self._where_suspended(task.get_coro())
        lane = self._lane_of.get(task) or cut(task.get_name())
        return TaskState(
            task=lane,
            line=line,
            function=cut(function),
            waiting_on=self._text(line),
            parent=self._parents.get(lane),
        )

    def _where_running(self) -> tuple[int | None, str]:
        """The innermost line of the learner's on the main thread's stack: it blocks in a task's step."""
        frame = sys._current_frames().get(self._machine.kernel.main.ident)
        while frame is not None and not self._is_theirs(frame.f_code):
            frame = frame.f_back
        return (None, "") if frame is None else (frame.f_lineno, frame.f_code.co_name)

    def _where_suspended(self, awaitable: Any) -> tuple[int | None, str]:
        """The innermost line of the learner's along a chain of awaits."""
        line, function = None, ""
        for _ in range(200):
            if type(awaitable) is CoroutineType:
                frame, inner = awaitable.cr_frame, awaitable.cr_await
            else:
                frame, inner = _first_of(awaitable, _FRAMES), _first_of(awaitable, _AWAITS)
            if frame is not None and self._is_theirs(frame.f_code):
                line, function = frame.f_lineno, frame.f_code.co_name
            awaitable = inner
            if awaitable is None:
                break
        return line, function

    def states(self) -> tuple[TaskState, ...]:
        """Where every pending task is suspended, in the order in which they were made."""
        return tuple(self._state(task) for task in self._pending())

    def _touched(self, task: asyncio.Task[Any]) -> None:
        """The loop is about to run a step of this task: until then it cannot move."""
        self._moving[weakref.ref(task)] = None

    def _note(self, *, is_last: bool = False) -> None:
        """Tell what has changed since it was told last; only of tasks that may have moved."""
        moving, self._moving = self._moving, {}
        if is_last:
            moving = {**self._noted, **moving}
        changed, over = [], []
        for reference in moving:
            task, before = reference(), self._noted.get(reference)
            if task is None or task.done():
                over += [self._noted.pop(reference).task] if before is not None else []
            elif before is not None or len(self._noted) < MAX_LISTED:
                state = self._noted[reference] = self._state(task)
                changed += [state] if state != before else []
                if getattr(task, "_fut_waiter", None) is None:
                    self._moving[reference] = None  # It runs, or is about to: it awaits nothing.
        if changed or over or is_last:
            moment = wire.Moment(at_ns=self._machine.kernel.now_ns, states=changed, over=over)
            self._link.act(wire.Noted([], [moment]))

    # -- blocked loop ------------------------------------------------------------------------------
    def blocked(self, what: str, start_ns: int, end_ns: int) -> None:
        """A thread waited outside `select`: it blocked a loop if it was running one."""
        if asyncio._get_running_loop() is None:
            return
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and not self._is_theirs(frame.f_code):
            frame = frame.f_back
        function = cut(frame.f_code.co_name) if frame is not None else ""
        line = frame.f_lineno if frame is not None else None
        stretch = BlockedStretch(
            what=cut(what), line=line, function=function, start_ns=start_ns, end_ns=end_ns
        )
        if len(self._blocked) < MAX_LISTED:
            self._blocked.append(stretch)
        self._link.act(wire.Noted([stretch], []))

    # -- what is left ------------------------------------------------------------------------------
    def _unawaited(self, coro: Any) -> None:
        origin = coro.cr_origin or ()
        line = next((number for name, number, _ in origin if name == self._filename), None)
        if line is not None and len(self._never_awaited) < MAX_LISTED:
            self._never_awaited.append((cut(coro.__qualname__), line))

    def exception_handler(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """The loop's: notes exceptions that nobody retrieved, then does as asyncio does."""
        error = context.get("exception")
        has_room = len(self._never_retrieved) < MAX_LISTED
        if has_room and isinstance(error, BaseException) and not isinstance(error, WorldEnded):
            said = f"{type(error).__name__}: {faults.text(error)}"
            self._never_retrieved.append((cut(said), self._line_of(error)))
        loop.default_exception_handler(context)

    def _line_of(self, error: BaseException) -> int | None:
        line, tb = None, error.__traceback__
        while tb is not None:
            if self._is_theirs(tb.tb_frame.f_code):
                line = tb.tb_lineno
            tb = tb.tb_next
        return line

    def open_sockets(self) -> tuple[tuple[str, int | None], ...]:
        """What the learner's lines have opened and nobody has closed: (words, line)."""
        # What asyncio opens for itself, its self-pipe, was opened by no line of the learner's.
        theirs = [one for one in self._machine.descriptors.all() if one.opened_at is not None]
        return tuple((cut(describe(one)), one.opened_at) for one in theirs[:MAX_LISTED])

    def _watch_writers(self) -> None:
        """Note a connection whose writer is dropped unclosed: only some versions of Python then close it."""

        def dropped(writer: asyncio.StreamWriter) -> None:
            transport = getattr(writer, "_transport", None)
            if transport is not None and not transport.is_closing():
                socket = transport.get_extra_info("socket")
                one = None if socket is None else self._machine.descriptors.get(socket.fileno())
                if one is not None and one.opened_at is not None and len(self._dropped) < MAX_LISTED:
                    self._dropped.append((describe(one), one.opened_at))
            if _STOCK_DEL is not None:
                _STOCK_DEL(writer)

        asyncio.StreamWriter.__del__ = dropped  # type: ignore[method-assign]  # there is no other hook

    def _inspect(self, _: wire.Inspect) -> None:
        self._note(is_last=True)
        # Before the collection: what only a finaliser closes was left open, and a task that nothing but
        # itself refers to any more was left running.
        unclosed, pending = (*self._dropped, *self.open_sockets())[:MAX_LISTED], self.states()
        gc.collect()
        found = msgspec.structs.replace(self.history(), open_sockets=unclosed, pending=pending)
        self._link.act(wire.Inspected(found))

    def history(self) -> History:
        """All that is left, for the judge's after-check inspection."""
        return History(
            blocked=tuple(self._blocked),
            never_awaited=tuple(self._never_awaited),
            pending=self.states(),
            never_retrieved=tuple(self._never_retrieved),
            open_sockets=self.open_sockets(),
        )


_FRAMES = ("cr_frame", "gi_frame", "ag_frame")
_AWAITS = ("cr_await", "gi_yieldfrom", "ag_await")


def _first_of(awaitable: Any, names: tuple[str, ...]) -> Any:
    """The attribute that this kind of awaitable has: a coroutine's, a generator's, or an async one's."""
    return next((found for name in names if (found := getattr(awaitable, name, None)) is not None), None)


def describe(descriptor: Descriptor) -> str:
    """An open descriptor in words: `connection to ('10.0.0.2', 7000)`."""
    if isinstance(descriptor, Listener):
        return f"server on {descriptor.local!r}"
    if isinstance(descriptor, Port):
        return f"datagram socket on {descriptor.local!r}"
    if isinstance(descriptor, Stream):
        return "socket" if descriptor.remote is None else f"connection to {descriptor.remote!r}"
    return "descriptor"
