"""Judge <-> zygote: orders, each answered in turn by one report. Both ends are ours.

An order is one frame on the zygote's control socket; the wire of the guest that a `Fork` asks for travels
beside its header, as a descriptor.
"""

from __future__ import annotations

import msgspec

from grader.records import Isolation, Limits, Record
from grader.wire.framing import framed
from grader.wire.messages import Message


class SandboxPolicy(Record, frozen=True):
    """What to apply. `full` and `best` apply all that the platform has; refusing is the caller's."""

    level: str
    """`full`, `best` or `none`; `none` closes descriptors and applies nothing."""
    limits: Limits
    readable: tuple[str, ...] = ()
    """Absolute paths of the packages that the kata declares, beside the standard library."""


class SandboxStatus(Record, frozen=True):
    """How far a process is shut in."""

    isolation: Isolation = Isolation.NONE
    missing: tuple[str, ...] = ()
    """What kept it below full, in words; () when full."""


NO_GUEST = SandboxStatus(missing=("no guest was started",))


class Ending(Record, frozen=True):
    """How a guest's process ended."""

    status: int = 0
    """As `os.waitstatus_to_exitcode`: an exit code, or minus the number of the signal that killed it."""
    cpu_s: float = 0.0
    peak_memory_kb: int = 0


class Fork(Message, frozen=True):
    """Fork a guest whose wire is the descriptor beside this message. The report has its id."""

    policy: SandboxPolicy


class End(Message, frozen=True):
    """Kill that guest if it still runs. The report says how it ended."""

    pid: int


class Report(Message, frozen=True):
    """What became of an order."""

    pid: int
    ending: Ending = Ending()


Order = Fork | End

_orders = msgspec.msgpack.Decoder(Order)
_reports = msgspec.msgpack.Decoder(Report)


def control_frame(message: Order | Report) -> bytes:
    """One order or report as bytes with its length in front."""
    return framed(msgspec.msgpack.encode(message))


def read_order(body: bytes) -> Order:
    """Decode what the judge sent."""
    return _orders.decode(body)


def read_report(body: bytes) -> Report:
    """Decode what the zygote sent."""
    return _reports.decode(body)
