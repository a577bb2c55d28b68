"""What a guest notes by its differences is put together again, and never grows past its bounds."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from grader import wire
from grader.judge import notes
from grader.judge.notes import Notes
from grader.records import BlockedStretch, Snapshot, TaskState

LANES = ("read_all", "read_station", "read_station #2", "timer")


def state(task: str, line: int) -> TaskState:
    return TaskState(task=task, line=line, function="f", waiting_on="await it")


def as_noted(snapshots: Sequence[Snapshot]) -> list[wire.Noted]:
    """What an honest guest would say of these, one message each."""
    said = []
    before: dict[str, TaskState] = {}
    for snapshot in snapshots:
        now = {each.task: each for each in snapshot.tasks}
        states = [each for task, each in now.items() if before.get(task) != each]
        over = [task for task in before if task not in now]
        said.append(wire.Noted([], [wire.Moment(at_ns=snapshot.at_ns, states=states, over=over)]))
        before = now
    return said


tasks = st.dictionaries(st.sampled_from(LANES), st.integers(1, 3), max_size=len(LANES))


@given(st.lists(tasks, max_size=8))
def test_snapshots_are_put_together_from_what_changed(held: list[dict[str, int]]) -> None:
    snapshots = [
        Snapshot(at_ns=10 * number, tasks=tuple(state(task, line) for task, line in each.items()))
        for number, each in enumerate(held)
    ]
    kept = Notes()
    for noted in as_noted(snapshots):
        kept.take(noted, now_ns=1_000)
    assert [each.at_ns for each in kept.snapshots] == [each.at_ns for each in snapshots]
    for seen, told in zip(kept.snapshots, snapshots, strict=True):
        assert {each.task: each for each in seen.tasks} == {each.task: each for each in told.tasks}


def test_what_cannot_be_true_is_not_kept() -> None:
    """Nothing of the future, nothing that ends before it begins, no moment before the last one."""
    kept = Notes()
    moments = [wire.Moment(at_ns=at_ns, states=[state("t", at_ns)], over=[]) for at_ns in (5, 11, 3, 7, -1)]
    spans = [(0, 4), (4, 0), (-1, 2), (2, 11)]
    blocked = [BlockedStretch(what="w", line=1, function="", start_ns=a, end_ns=b) for a, b in spans]
    kept.take(wire.Noted(blocked, moments), now_ns=10)
    assert [each.at_ns for each in kept.snapshots] == [5, 7]
    assert [(each.start_ns, each.end_ns) for each in kept.blocked] == [(0, 4)]


def test_many_tasks_told_once_cannot_be_repeated_for_nothing() -> None:
    """Every snapshot counts all of its tasks, also those that were told long before."""
    kept = Notes()
    crowd = [state(f"task {number}", 1) for number in range(10_000)]
    kept.take(wire.Noted([], [wire.Moment(at_ns=0, states=crowd, over=[])]), now_ns=0)
    nothing_new = wire.Noted([], [wire.Moment(at_ns=0, states=[], over=[])] * 100)
    for _ in range(1_000):
        kept.take(nothing_new, now_ns=0)
    assert sum(len(each.tasks) for each in kept.snapshots) * 8 < notes.MAX_SIZE
