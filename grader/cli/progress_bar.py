"""Tells of a run of grading while it goes on: a bar with an estimate, and one line per problem.

On a terminal the bar is drawn and redrawn; elsewhere a line is said every tenth of the way.
"""

from __future__ import annotations

from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.grading.events import Event, Judged, Noticed, Planned
from grader.records import Verdict
from grader.report.look import clean_line


class ProgressReporter:
    """Call it with each event. A context manager, so that the bar goes when the run does."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, markup=False, soft_wrap=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[counts]}"),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("judging", total=None, counts="")
        self._accepted = self._rejected = self._errors = 0
        self._done = self._total = 0

    def __enter__(self) -> ProgressReporter:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if kind is KeyboardInterrupt:
            self._say(f"Stopped: {self._done} of {self._total} are judged and kept; run it again to go on.")

    def __call__(self, event: Event) -> None:
        """Shows one event."""
        match event:
            case Planned():
                self._plan(event)
            case Noticed(problem=problem):
                self._say(f"{problem.path}: {problem.why}")
            case Judged():
                self._judged(event)

    def _plan(self, event: Planned) -> None:
        known = f", {event.known} known from before" if event.known else ""
        self._say(
            f"{event.handins} {'submission' if event.handins == 1 else 'submissions'}"
            f" of {event.students} {'student' if event.students == 1 else 'students'} ({event.format}):"
            f" {event.to_judge} to judge{known}, on {event.engine}"
        )
        self._total = event.to_judge
        self._bar.update(self._task, total=event.to_judge)

    def _judged(self, event: Judged) -> None:
        self._done = event.done
        self._accepted += event.verdict is Verdict.ACCEPTED
        self._errors += event.verdict is Verdict.JUDGE_ERROR
        self._rejected = event.done - self._accepted - self._errors
        counts = f"{self._accepted} accepted, {self._rejected} not"
        if self._errors:
            counts += f", {self._errors} {'error' if self._errors == 1 else 'errors'}"
        self._bar.update(self._task, completed=event.done, counts=counts)
        tenth = max(event.total // 10, 1)
        if not self._console.is_terminal and (event.done % tenth == 0 or event.done == event.total):
            self._say(f"{event.done} of {event.total} judged: {counts}")

    def _say(self, line: str) -> None:
        """One line, whatever students called their files; what the stream cannot show is escaped."""
        shown = clean_line(line).encode(self._console.encoding, errors="backslashreplace")
        self._console.print(shown.decode(self._console.encoding))
