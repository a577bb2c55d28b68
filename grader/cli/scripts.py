"""What a learner's file prints when it runs as a script: whole lines, each with its virtual instant."""

from __future__ import annotations

import ast
from collections.abc import Callable

from grader import judge
from grader.cli.judging import Target
from grader.records import Record, Submission
from grader.report.look import clean


class Line(Record, frozen=True):
    """One printed line."""

    at_ns: int
    """When its first character was printed."""
    stream: str
    text: str


class Lines:
    """Makes whole lines of what is printed piece by piece, and hands each to `tell`."""

    def __init__(self, tell: Callable[[Line], None]) -> None:
        self._tell = tell
        self._begun: dict[str, tuple[int, str]] = {}

    def add(self, at_ns: int, stream: str, text: str) -> None:
        """More was printed."""
        for piece in text.splitlines(keepends=True):
            since_ns, begun = self._begun.pop(stream, (at_ns, ""))
            (body,) = piece.splitlines()
            if body != piece:
                self._tell(Line(at_ns=since_ns, stream=stream, text=clean(begun + body)))
            else:
                self._begun[stream] = (since_ns, begun + piece)

    def end(self) -> None:
        """Nothing more comes: what was begun is a line too."""
        for stream, (at_ns, text) in sorted(self._begun.items(), key=lambda begun: begun[1]):
            self._tell(Line(at_ns=at_ns, stream=stream, text=clean(text)))
        self._begun.clear()


def run_lines(
    target: Target,
    submission: Submission,
    tell: Callable[[Line], None],
    *,
    seed: int = 0,
    speed: float | None = None,
    debugged: bool = False,
) -> judge.ScriptRun:
    """Run the file in its kata's demo world and tell each line as it is printed."""
    lines = Lines(tell)
    try:
        return judge.run_script(
            target.kata, submission, seed=seed, speed=speed, debugged=debugged, on_print=lines.add
        )
    finally:
        lines.end()


def has_breakpoint(submission: Submission) -> bool:
    """Whether the file calls `breakpoint()` or some `set_trace()`."""
    try:
        tree = ast.parse(submission.source)
    except (SyntaxError, ValueError):
        return False
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(getattr(each, "id", getattr(each, "attr", "")) in _STOPS for each in called)


_STOPS = {"breakpoint", "set_trace"}
