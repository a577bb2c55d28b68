"""What a guest tells the judge. Names about the network are those of `sim.medium.Medium`."""

from __future__ import annotations

from grader.records import BlockedStretch, History, Record, TaskState
from grader.wire.messages import Message
from grader.wire.values import ExceptionRecord, Packed


class Entered(Message, frozen=True):
    """The guest stands in its sandbox: how far it was shut in, and what is missing."""

    isolation: str
    missing: list[str]


class Compiled(Message, frozen=True):
    """The source as code, by `marshal`; said before any of it runs."""

    code: bytes


class Loaded(Message, frozen=True):
    """The module has run; `error` when it raised."""

    error: ExceptionRecord | None


class Cleared(Message, frozen=True):
    """The run is over; `left` names what it has left behind, and is empty where the next one may begin."""

    left: list[str]


class Returned(Message, frozen=True):
    number: int
    value: Packed


class Raised(Message, frozen=True):
    number: int
    error: ExceptionRecord


class NotAwaitable(Message, frozen=True):
    """The call gave something that cannot be awaited: `kind` names its type."""

    number: int
    kind: str
    line: int | None


class Miscounted(Message, frozen=True):
    """After the call the caller's `Task.cancelling()` was not what it had been before it."""

    number: int
    before: int
    after: int


class NotPlain(Message, frozen=True):
    """The call gave something that cannot cross the wire."""

    number: int
    kind: str


class Ask(Message, frozen=True):
    """Call the judge's callable of that number; answered by `Answer`."""

    number: int
    callable: int
    arguments: Packed
    keywords: Packed


class Unask(Message, frozen=True):
    """The asking task was cancelled."""

    number: int


class Pong(Message, frozen=True):
    number: int


class Printed(Message, frozen=True):
    stream: str
    text: str


class Moment(Record, frozen=True):
    """How the guest's pending tasks differ from the moment before."""

    at_ns: int
    states: list[TaskState]
    """Of the tasks that are new, or wait at another place."""
    over: list[str]
    """The tasks that are pending no more."""


class Noted(Message, frozen=True):
    """Something for the history: it explains and never decides."""

    blocked: list[BlockedStretch]
    moments: list[Moment]


class Inspected(Message, frozen=True):
    history: History


class Died(Message, frozen=True):
    """The guest's main thread ended with this: nothing more will come of it."""

    error: ExceptionRecord


class ScriptEnded(Message, frozen=True):
    """`__main__` has run to its end."""

    error: ExceptionRecord | None


class Connect(Message, frozen=True):
    number: int
    source: tuple[str, int]
    target: tuple[str, int]


class Transmit(Message, frozen=True):
    number: int
    data: bytes


class Finish(Message, frozen=True):
    number: int


class Close(Message, frozen=True):
    number: int


class Abort(Message, frozen=True):
    number: int


class Consumed(Message, frozen=True):
    number: int
    count: int


class Listen(Message, frozen=True):
    number: int
    local: tuple[str, int]


class Unlisten(Message, frozen=True):
    number: int


class OpenPort(Message, frozen=True):
    number: int
    local: tuple[str, int]


class ClosePort(Message, frozen=True):
    number: int


class SendDatagram(Message, frozen=True):
    source: tuple[str, int]
    target: tuple[str, int]
    data: bytes


class Resolve(Message, frozen=True):
    number: int
    name: str


class Spawn(Message, frozen=True):
    pid: int
    program: bytes
    arguments: tuple[bytes, ...]
    folder: bytes
    environment: tuple[bytes, ...] | None


class SignalChild(Message, frozen=True):
    pid: int
    signum: int


class Reaped(Message, frozen=True):
    pid: int


class HaveRead(Message, frozen=True):
    pid: int
    data: bytes


class HaveWritten(Message, frozen=True):
    pid: int
    fd: int
    error: int


class AskDisk(Message, frozen=True):
    number: int
    operation: str
    path: bytes
    node: int
    offset: int
    size: int
    data: bytes


Action = (
    Entered | Compiled | Cleared | Loaded | Returned | Raised | NotAwaitable | Miscounted | NotPlain | Ask
    | Unask | Pong | Printed | Noted | Inspected | Died | ScriptEnded | Connect | Transmit | Finish | Close
    | Abort | Consumed | Listen | Unlisten | OpenPort | ClosePort | SendDatagram | Resolve | Spawn
    | SignalChild | Reaped | HaveRead | HaveWritten | AskDisk
)  # fmt: skip


class Idle(Message, frozen=True):
    """None of my threads can run before `until_ns` (None: never); this is what they did."""

    until_ns: int | None
    actions: list[Action]
