"""What an entry of the catalogue is, and the scene in which a detector looks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from textwrap import dedent

from grader.diagnosis.code import Code
from grader.diagnosis.function import Function
from grader.diagnosis.idioms import blocking_calls
from grader.records import History, Verdict
from grader.trace.concurrency import peak_in_flight

NO_LINE = 0
"""What a detector answers when it is sure of the misconception but not of the line."""

SLOW = frozenset({Verdict.NOT_CONCURRENT, Verdict.TIME_LIMIT})
LATE = frozenset({Verdict.NOT_CONCURRENT})
STUCK = frozenset({Verdict.DEADLOCK, Verdict.TIME_LIMIT, Verdict.BUSY_LOOP})
WRONG = frozenset({Verdict.WRONG_ANSWER, Verdict.RUNTIME_ERROR})
LEFT = frozenset({Verdict.LEAKED})
HELD = frozenset({Verdict.BLOCKED_LOOP, Verdict.NOT_CONCURRENT, Verdict.TIME_LIMIT, Verdict.BUSY_LOOP})
LARGE = frozenset({Verdict.MEMORY_LIMIT, Verdict.OUTPUT_LIMIT})
ANY = SLOW | STUCK | WRONG | LEFT | HELD | LARGE
"""Every verdict that speaks of the answer. Not among them: ours, and what kept it from running at all."""


@dataclass(frozen=True)
class Scene:
    """The learner's code beside what one failed check saw of it."""

    code: Code
    history: History
    verdict: Verdict

    @cached_property
    def peak(self) -> int:
        return peak_in_flight(self.history.exchanges)

    @cached_property
    def one_at_a_time(self) -> bool:
        """Whether each call made its requests one after another; where few were seen, the verdict decides."""
        if len(self.history.exchanges) >= 2:
            return self.peak <= max(1, self.calls)
        return self.verdict in SLOW

    @cached_property
    def calls(self) -> int:
        """How many calls of the suite's were under way at once, as far as the guest tells."""
        roots = (sum(state.parent is None for state in each.tasks) for each in self.history.snapshots)
        return max(roots, default=0)

    @cached_property
    def waited_lines(self) -> set[int]:
        """Lines on which some task was seen to wait while time passed."""
        return {
            state.line
            for before, after in pairwise(self.history.snapshots)
            if before.at_ns < after.at_ns
            for state in before.tasks
            if state.line is not None
        }

    def may_have_waited(self, line: int) -> bool:
        """Whether some task waited on this line; always so where the run was not traced."""
        return not self.history.snapshots or line in self.waited_lines

    @cached_property
    def overlapped(self) -> bool:
        """Whether the judge saw, or cannot rule out, that requests were in flight together."""
        return len(self.history.exchanges) < 2 or self.peak > 1

    @cached_property
    def asked_twice(self) -> bool:
        """Whether the judge saw the same request made again while the first was under way."""
        until: dict[tuple[str, str], float] = {}
        for each in sorted(self.history.exchanges, key=lambda exchange: exchange.start_ns):
            asked = (each.host, each.label)
            if until.get(asked, each.start_ns) > each.start_ns:
                return True
            until[asked] = float("inf") if each.end_ns is None else each.end_ns
        return False

    @cached_property
    def left_tasks(self) -> bool:
        """Whether tasks may be what was left behind: they were, or nothing else is known to have been."""
        history = self.history
        others = history.open_sockets or history.never_awaited or history.never_retrieved
        return self.verdict is not Verdict.LEAKED or bool(history.pending) or not others

    @cached_property
    def blockers(self) -> dict[Function, None]:
        """Functions that make, or reach, a call known to block."""
        return self.code.reaching(lambda function: blocking_calls(self.code, function))

    def blocked_lines(self) -> dict[int, int]:
        """For each line that held the loop, for how long in all (ns), in order of first appearance."""
        found: dict[int, int] = {}
        for stretch in self.history.blocked:
            if stretch.line is not None and stretch.end_ns > stretch.start_ns:
                found[stretch.line] = found.get(stretch.line, 0) + stretch.end_ns - stretch.start_ns
        return found


Detector = Callable[[Scene], int | None]
"""The line at fault, `NO_LINE`, or None where this misconception does not explain the failure."""


@dataclass(frozen=True)
class Misconception:
    """One way of getting asyncio wrong: its words, an example of it, and how it is recognised."""

    name: str
    title: str
    why: str
    """One sentence."""
    hint_step: int
    """Which of a kata's three hints to read next."""
    section: str
    """Where Python's documentation of asyncio explains it: `Page: Section`."""
    verdicts: frozenset[Verdict]
    """Under which verdicts of a check it can be the explanation."""
    example: str
    instead: str
    """The example put right."""
    detect: Detector


def misconception(
    *,
    title: str,
    why: str,
    hint_step: int,
    section: str,
    verdicts: frozenset[Verdict],
    example: str,
    instead: str,
) -> Callable[[Detector], Misconception]:
    """Makes an entry of the detector it decorates; the detector's name is the misconception's."""

    def entry(detect: Detector) -> Misconception:
        return Misconception(
            name=getattr(detect, "__name__", ""),
            title=title,
            why=why,
            hint_step=hint_step,
            section=section,
            verdicts=verdicts,
            example=dedent(example).strip() + "\n",
            instead=dedent(instead).strip() + "\n",
            detect=detect,
        )

    return entry
