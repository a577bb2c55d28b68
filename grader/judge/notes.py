"""What a guest notes of itself, put together and kept within bounds: it explains and never decides."""

from __future__ import annotations

from grader import wire
from grader.records import MAX_LISTED, BlockedStretch, Snapshot, TaskState

MAX_NOTES = 20_000
MAX_SIZE = 8 << 20
"""Roughly, in bytes, of all that is kept: what comes past that is dropped."""
MAX_STATES = 200_000
"""How many tasks all snapshots show together: each is looked at again to draw and to explain."""


class Notes:
    """The snapshots and blocked stretches of one guest. A guest says only what has changed."""

    def __init__(self) -> None:
        self.blocked: list[BlockedStretch] = []
        self.snapshots: list[Snapshot] = []
        self._tasks: dict[str, TaskState] = {}
        self._size = 0
        self._states = 0

    def take(self, noted: wire.Noted, now_ns: int) -> None:
        """Keep what can be true: none of the future, and moments in the order of time."""
        for stretch in noted.blocked:
            if 0 <= stretch.start_ns <= stretch.end_ns <= now_ns and self._has_room(_size_of(stretch)):
                self.blocked.append(stretch)
        for moment in noted.moments:
            earliest_ns = self.snapshots[-1].at_ns if self.snapshots else 0
            if earliest_ns <= moment.at_ns <= now_ns:
                self._take_moment(moment)

    def _take_moment(self, moment: wire.Moment) -> None:
        over = set(moment.over)
        tasks = {name: state for name, state in self._tasks.items() if name not in over}
        tasks |= {state.task: state for state in moment.states}
        # An honest guest tells of no more tasks at a time.
        if len(tasks) > MAX_LISTED or self._states + len(tasks) > MAX_STATES:
            return
        if self._has_room(100 + 8 * len(tasks) + sum(map(_size_of_state, moment.states))):
            self._tasks = tasks
            self._states += len(tasks)
            self.snapshots.append(Snapshot(at_ns=moment.at_ns, tasks=tuple(tasks.values())))

    def _has_room(self, size: int) -> bool:
        self._size += size
        return self._size < MAX_SIZE and len(self.blocked) + len(self.snapshots) < MAX_NOTES


def _size_of_state(state: TaskState) -> int:
    return 200 + len(state.task) + len(state.function) + len(state.waiting_on) + len(state.parent or "")


def _size_of(stretch: BlockedStretch) -> int:
    return 200 + len(stretch.what) + len(stretch.function)
