"""Frozen nouns that the rest of the grader passes around. No behaviour beyond derived facts."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec

SECOND_NS = 1_000_000_000
MAX_TEXT = 200
"""Characters of a text that only describes: a name, a message, a note, a line of code."""
MAX_LISTED = 200
"""Of each thing that a guest says it has left behind, and of its pending tasks."""


class Verdict(StrEnum):
    """What a check or a kata was judged to be. Members stand in order of precedence, worst first:

    the verdict of a kata is the first member that any of its checks has (`Verdict.worst`).
    JUDGE_ERROR is our fault; STALLED says "could not be judged"; UNTOUCHED that the file is the stub as it
    was given; all others are about the code.
    """

    JUDGE_ERROR = "JUDGE_ERROR"
    SANDBOX_VIOLATION = "SANDBOX_VIOLATION"
    NOT_LOADABLE = "NOT_LOADABLE"
    STALLED = "STALLED"
    MEMORY_LIMIT = "MEMORY_LIMIT"
    OUTPUT_LIMIT = "OUTPUT_LIMIT"
    TIME_LIMIT = "TIME_LIMIT"
    BUSY_LOOP = "BUSY_LOOP"
    DEADLOCK = "DEADLOCK"
    RUNTIME_ERROR = "RUNTIME_ERROR"
    WRONG_ANSWER = "WRONG_ANSWER"
    BLOCKED_LOOP = "BLOCKED_LOOP"
    NOT_CONCURRENT = "NOT_CONCURRENT"
    LEAKED = "LEAKED"
    UNTOUCHED = "UNTOUCHED"
    ACCEPTED = "ACCEPTED"

    @classmethod
    def worst(cls, verdicts: list[Verdict]) -> Verdict:
        """The verdict of the whole, by precedence; ACCEPTED for none at all."""
        order = list(cls)
        return min(verdicts, key=order.index, default=cls.ACCEPTED)


class Isolation(StrEnum):
    """How much of the sandbox was in force around a guest (SECURITY.md has what each level promises)."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
"""A descriptive text: whoever makes one cuts it, and whoever reads one over that length refuses it."""
_Listed = msgspec.Meta(max_length=MAX_LISTED)


def cut(text: str, most: int = MAX_TEXT) -> str:
    """A descriptive text, at most so many characters of it. Values that are compared are never cut."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all records: immutable, compared by value, serialised by msgspec."""


class Limits(Record, frozen=True):
    """Bounds on one check's guest. Each has its own verdict; `kata.toml` may set any of them."""

    cpu_s: float = 5.0
    wall_s: float = 20.0
    memory_mb: int = 1024
    output_bytes: int = 64 * 1024
    frame_bytes: int = 4 * 1024 * 1024
    messages: int = 200_000
    virtual_s: float = 100_000.0
    steps_per_instant: int = 20_000
    threads: int = 64
    tasks: int = 50_000
    sockets: int = 10_000


class Kata(Record, frozen=True):
    """One exercise: what `kata.toml` says and where its files lie."""

    number: int
    slug: str
    title: str
    unit: int
    folder: Path
    suite: Path
    concepts: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    limits: Limits = Limits()

    @property
    def name(self) -> str:
        """The folder's name, `04_gather_readings`; also the stem of the learner's file."""
        return f"{self.number:02d}_{self.slug}"


class Submission(Record, frozen=True):
    """One file of one student for one kata, as bytes: nothing about it has been trusted yet."""

    source: bytes
    filename: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.source).hexdigest()


class Span(Record, frozen=True):
    """One stretch of virtual time in one lane of a timeline."""

    lane: str
    kind: str
    """`running`, `waiting`, `blocked` (held the loop) or `request` (seen by the judge)."""
    start_ns: int
    end_ns: int
    label: str = ""
    line: int | None = None


class TaskState(Record, frozen=True):
    """Where one pending task of the guest is suspended."""

    task: Text
    """The task's name, unique in its guest: `read_all`, `Task-3`."""
    line: int | None
    """The line of the learner's file where it is suspended; None where no frame of it is theirs."""
    function: Text
    waiting_on: Text
    """In the learner's words: `await reader.readline()`, the source of the line."""
    parent: Text | None = None
    """The task that created it, where known."""


class Snapshot(Record, frozen=True):
    """All pending tasks of the guest at one instant. Virtual time passes only between snapshots."""

    at_ns: int
    tasks: Annotated[tuple[TaskState, ...], _Listed]


class BlockedStretch(Record, frozen=True):
    """The loop's thread waited in a blocking call: no task could run from start to end."""

    what: Text
    """The call as the learner wrote it would name it: `time.sleep(1)`, `socket.recv`."""
    line: int | None
    function: Text
    start_ns: int
    end_ns: int


class Exchange(Record, frozen=True):
    """One request as the judge saw it: the evidence of overlap. `end_ns` is None while in flight."""

    host: str
    label: str
    start_ns: int
    end_ns: int | None
    needs: tuple[str, ...] = ()
    """Labels of the requests without whose answers it could not be made, as the suite knows."""


class History(Record, frozen=True):
    """One run of a guest: what it says of itself, and beside it what the judge saw.

    The bounds are those of what a guest sends; of what the judge itself puts together there may be more.
    """

    snapshots: Annotated[tuple[Snapshot, ...], _Listed] = ()
    blocked: Annotated[tuple[BlockedStretch, ...], _Listed] = ()
    never_awaited: Annotated[tuple[tuple[Text, int | None], ...], _Listed] = ()
    """(name of the coroutine function, line where it was called)."""
    pending: Annotated[tuple[TaskState, ...], _Listed] = ()
    """Tasks still pending after the check."""
    never_retrieved: Annotated[tuple[tuple[Text, int | None], ...], _Listed] = ()
    """(exception as text, line that raised it)."""
    open_sockets: Annotated[tuple[tuple[Text, int | None], ...], _Listed] = ()
    """(peer as text, line that opened it)."""
    exchanges: Annotated[tuple[Exchange, ...], _Listed] = ()
    turns: int = 1
    """How often the suite called while no other call of its was under way."""


class Timeline(Record, frozen=True):
    """What happened, one lane per task or request; lanes in order of first appearance."""

    spans: tuple[Span, ...] = ()
    makespan_ns: int = 0
    peak_in_flight: int = 0
    lanes_left_out: int = 0
    """How many further lanes there were: a timeline keeps the first few hundred."""


class CheckResult(Record, frozen=True):
    """One pytest function's result. Keys that do not apply are None."""

    id: str
    title: str
    verdict: Verdict
    points: float
    max_points: float
    rationale: str | None = None
    line: int | None = None
    misconception: str | None = None
    elapsed_virtual_ns: int | None = None
    best_virtual_ns: int | None = None
    peak_in_flight: int | None = None
    seed: int | None = None
    """The seed under which an explored check failed; `--seed` replays it."""
    fault: str | None = None
    """The fault under which a swept check failed; `--fault` replays it."""
    stage: int = 1
    """The stage of its kata that the check belongs to, from 1."""
    output: str = ""
    timeline: Timeline | None = None
    """What the guest says it did; explains, never decides. Only failed checks have one."""
    best: Timeline | None = None

    @property
    def passed(self) -> bool:
        return self.verdict is Verdict.ACCEPTED


class Judgement(Record, frozen=True):
    """What the judge says of one submission to one kata. Reproducible from what it records."""

    number: int
    slug: str
    title: str
    seed: int
    checks: tuple[CheckResult, ...]
    isolation: Isolation
    elapsed_wall_ms: int
    python: str
    grader: str
    suite_digest: str
    submission_sha256: str
    isolation_missing: tuple[str, ...] = ()
    """What kept the isolation below full, in words."""

    @property
    def verdict(self) -> Verdict:
        return Verdict.worst([check.verdict for check in self.checks])

    @property
    def accepted(self) -> bool:
        return self.verdict is Verdict.ACCEPTED

    @property
    def points(self) -> float:
        return sum(check.points for check in self.checks)

    @property
    def max_points(self) -> float:
        return sum(check.max_points for check in self.checks)

    @property
    def stages(self) -> int:
        """How many stages the kata has."""
        return max((check.stage for check in self.checks), default=1)

    @property
    def stage(self) -> int | None:
        """The first stage that is not met; None when all are."""
        return min((check.stage for check in self.checks if not check.passed), default=None)

    def as_json(self) -> dict[str, Any]:
        """The object that `kata check --json` prints; its keys are a contract: tools read them."""
        return {
            "kata": {"number": self.number, "slug": self.slug, "title": self.title},
            "verdict": self.verdict.value,
            "accepted": self.accepted,
            "points": self.points,
            "max_points": self.max_points,
            "seed": self.seed,
            "stage": self.stage,
            "stages": self.stages,
            "checks": [_check_as_json(check) for check in self.checks],
            "isolation": self.isolation.value,
            "elapsed_wall_ms": self.elapsed_wall_ms,
            "python": self.python,
            "grader": self.grader,
        }


_CHECK_KEYS = (
    "id",
    "title",
    "stage",
    "verdict",
    "passed",
    "points",
    "max_points",
    "fault",
    "rationale",
    "line",
    "misconception",
    "elapsed_virtual_ns",
    "best_virtual_ns",
    "peak_in_flight",
    "seed",
)


def _check_as_json(check: CheckResult) -> dict[str, Any]:
    return {key: getattr(check, key) for key in _CHECK_KEYS}
