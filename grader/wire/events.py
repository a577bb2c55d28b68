"""What the judge tells a guest.

Names of messages about the network are those of `sim.net.medium.NetworkEvents`.
"""

from __future__ import annotations

from grader.wire.messages import Message
from grader.wire.values import ExceptionRecord, Packed


class Load(Message, frozen=True):
    """Run this source as a module. Always the first event."""

    source: bytes
    filename: str
    name: str
    code: bytes = b""
    """What another guest of the same submission has made of it (see `Compiled`), if anything."""
    entry_points: tuple[str, ...] = ()
    """Names that the module must define."""


class Call(Message, frozen=True):
    """Call a function of the module, or a method of the object `target`, as a task of its own."""

    number: int
    target: int | None
    name: str
    arguments: Packed
    keywords: Packed
    strict: bool
    """The call must give an awaitable, and that plain data; else both are free."""
    into: int | None
    """Keep what the call gives, not awaited, as the guest's object of that (negative) number."""
    within_ns: int | None = None
    """Call it as a caller who has `asyncio.timeout` around the call, and works on after it."""
    caught: bool = False
    """Call it as a caller who has caught a cancellation before."""


class NextRun(Message, frozen=True):
    """This run is over: say what it has left behind (`Cleared`), and be ready for the next one's `Load`."""

    same_module: bool = False
    """Keep the module as it is: the next run differs by its machine and loop alone."""


class Cancel(Message, frozen=True):
    """Cancel the task of that call, so many turns of the loop later than at once."""

    number: int
    turns: int = 0


class Forget(Message, frozen=True):
    """The judge no longer uses that object."""

    target: int


class CallbackAnswer(Message, frozen=True):
    """What a judge's callable returned to the guest's `CallbackCall`."""

    number: int
    value: Packed | None
    error: ExceptionRecord | None


class Ping(Message, frozen=True):
    """A small question that only a free loop answers."""

    number: int


class Inspect(Message, frozen=True):
    """Say what is left: pending tasks, things never awaited, open sockets."""


class Connected(Message, frozen=True):
    number: int
    local: tuple[str, int]
    remote: tuple[str, int]


class Refused(Message, frozen=True):
    number: int
    error: int


class Arrived(Message, frozen=True):
    number: int
    data: bytes


class Finished(Message, frozen=True):
    number: int


class Aborted(Message, frozen=True):
    number: int


class Acknowledged(Message, frozen=True):
    number: int
    count: int


class Incoming(Message, frozen=True):
    listener: int
    number: int
    local: tuple[str, int]
    remote: tuple[str, int]


class DatagramIn(Message, frozen=True):
    number: int
    data: bytes
    source: tuple[str, int]


class Resolved(Message, frozen=True):
    number: int
    address: str | None


class Signal(Message, frozen=True):
    """The outside sends the guest a signal."""

    signum: int


class Started(Message, frozen=True):
    pid: int


class NotStarted(Message, frozen=True):
    pid: int
    error: int
    why: str


class ChildReads(Message, frozen=True):
    pid: int
    size: int


class ChildWrites(Message, frozen=True):
    pid: int
    fd: int
    data: bytes


class ChildCloses(Message, frozen=True):
    pid: int
    fd: int


class ChildExited(Message, frozen=True):
    pid: int
    status: int


class Mount(Message, frozen=True):
    """From now on, these paths are the simulated tree, and this is the working folder."""

    roots: list[str]
    folder: str


class DiskDone(Message, frozen=True):
    number: int
    error: int
    value: int
    data: bytes


Event = (
    Load | NextRun | Call | Cancel | Forget | CallbackAnswer | Ping | Inspect | Connected | Refused | Arrived
    | Finished | Aborted | Acknowledged | Incoming | DatagramIn | Resolved | Signal | Started | NotStarted
    | ChildReads | ChildWrites | ChildCloses | ChildExited | Mount | DiskDone
)  # fmt: skip


class Step(Message, frozen=True):
    """It is `now_ns`, and this has happened since your last `Idle`."""

    now_ns: int
    events: list[Event]
