"""What passes between a run and its judging processes: plain records that any machine can read."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from typing import IO

import msgspec

import grader
from grader.errors import WireError
from grader.records import Judgement, Record
from grader.wire.framing import framed, read_frame

MAX_FRAME = 256 * 1024 * 1024


class Setup(Record, frozen=True):
    """How to judge, alike for all jobs of a run. Paths are the worker's own, so they may be absent."""

    seed: int = 0
    """Of what suites draw; a job may have its own."""
    isolation: str = "full"
    suite: str | None = None
    """One suite for the one kata that is judged."""
    suites: str | None = None
    """A folder of suites in place of the katas' own."""
    katas: str | None = None
    tried: tuple[str, ...] = ()
    """Katas whose suites are tried at the start: one that cannot be run is refused."""
    explain: bool = True
    """Draw and explain what is rejected."""
    stop_at_failure: bool = False
    """Leave out the checks after the first that fails: enough to know that something is rejected."""
    patience_s: float = 60.0
    """How long a judging process may go without progress before it is ended."""
    memory_mb: int = 2048
    """A judging process's address space; its guests have their own limits."""
    judge: str = "grader.judge:Judge"
    """Where the judge is found; tests put a fake in its place."""


class Job(Record, frozen=True):
    """One submission to judge as one kata."""

    slug: str
    sha256: str
    source: bytes
    filename: str
    deadline_s: float
    """The last belt: a judge that has not answered by then is ended, whatever it is doing."""
    checks: tuple[str, ...] = ()
    """Only these checks; () for all."""
    seed: int | None = None
    """Its own in place of the setup's: each submission of a class has one (`keys.submission_seed`)."""


class Versions(Record, frozen=True, tag=True):
    """What a worker judges with. A worker's first word."""

    grader: str
    python: str
    points: Mapping[str, float] = {}
    """Slug: what there is to be had in the suite, for those that were tried."""


class Judged(Record, frozen=True, tag=True):
    """A worker's answer to a job."""

    judgement: Judgement
    out_of_memory: bool = False
    """Whether the judge itself had no memory left meanwhile: what it says then is doubtful."""


class Progress(Record, frozen=True, tag=True):
    """A worker's word that its job goes on. At most one in `PROGRESS_S`."""


class Broken(Record, frozen=True, tag=True):
    """A worker's answer when the judge itself broke, or could not be set up."""

    why: str
    callers_fault: bool = False
    out_of_memory: bool = False


PROGRESS_S = 1.0
Answer = Versions | Judged | Broken | Progress


def local_versions() -> Versions:
    """What this process would judge with."""
    return Versions(grader=grader.__version__, python=platform.python_version())


# -- frames ----------------------------------------------------------------------------------------
def write_record(stream: IO[bytes], record: Record) -> None:
    """One record behind its length. Raises OSError when nobody reads any more."""
    stream.write(framed(msgspec.msgpack.encode(record)))
    stream.flush()


def read_record(stream: IO[bytes]) -> bytes | None:
    """The body of the next frame; None at the end, also in the middle of a frame or before one too large."""
    try:
        return read_frame(stream.read, MAX_FRAME)
    except (EOFError, WireError):
        return None
