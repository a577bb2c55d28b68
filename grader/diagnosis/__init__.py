"""Named misconceptions: from a failed check to the one thing to understand next.

A detector needs two things: a pattern in the learner's code, and evidence from the run (the check's
verdict, what the judge saw of requests, what the guest said of its waits) that the pattern explains
this failure. The guest's word explains only; nothing here changes a verdict.

To add one: write the detector with its words and its two examples in the module of its subject, and
give it a place in `CATALOGUE`. The order is the precedence: the first that fits is the diagnosis, so
what is certain from the code alone and the root of others stands before what is merely likely.
"""

from __future__ import annotations

from collections.abc import Iterable

from grader.diagnosis import (
    blocking,
    calling,
    cancelling,
    failing,
    locking,
    ordering,
    overlap,
    places,
    queueing,
    sharing,
    streaming,
    tasks,
    timing,
    unawaited,
)
from grader.diagnosis.code import read_code
from grader.diagnosis.entry import NO_LINE, Misconception, Scene
from grader.records import History, Record, Verdict

__all__ = ["CATALOGUE", "Diagnosis", "Misconception", "diagnose", "misconception_named"]

CATALOGUE: tuple[Misconception, ...] = (
    # It never became a coroutine, or is not run as one.
    calling.run_inside_loop,
    calling.not_a_coroutine,
    calling.async_in_front_only,
    calling.awaited_a_plain_call,
    calling.with_instead_of_async_with,
    calling.for_instead_of_async_for,
    unawaited.gather_without_star,
    unawaited.coroutine_awaited_twice,
    # The loop's thread is held: whatever else is wrong comes after.
    blocking.thread_wait_in_coroutine,
    blocking.loop_hogged,
    blocking.blocking_call_in_coroutine,
    timing.busy_wait,
    # Patterns that are wrong wherever they stand.
    cancelling.cancellation_swallowed,
    places.semaphore_per_call,
    places.semaphore_around_all,
    locking.lock_per_call,
    locking.notify_without_lock,
    locking.wait_without_loop,
    blocking.loop_touched_from_thread,
    unawaited.never_awaited,
    # One after another, as the judge saw it.
    overlap.created_and_awaited_at_once,
    overlap.task_group_per_item,
    locking.lock_held_too_wide,
    overlap.awaited_in_a_loop,
    places.one_worker,
    overlap.coroutine_not_started,
    overlap.awaited_in_turn,
    places.gather_in_chunks,
    ordering.gathered_in_rounds,
    places.bounded_too_tightly,
    # Stuck.
    queueing.forgot_task_done,
    queueing.task_done_skipped_on_error,
    locking.locks_in_a_circle,
    streaming.no_half_close,
    locking.release_skipped_on_error,
    # Left behind.
    timing.sleep_instead_of_await,
    tasks.workers_never_stopped,
    tasks.task_dropped,
    tasks.fire_and_forget,
    tasks.losers_not_cancelled,
    tasks.cancelled_and_not_awaited,
    tasks.left_running_on_failure,
    cancelling.shield_without_reference,
    tasks.result_never_retrieved,
    streaming.forgot_close,
    # Wrong, or late, for a reason that the pattern makes likely.
    sharing.check_then_await,
    sharing.shared_state_across_await,
    timing.sleep_instead_of_event,
    ordering.order_from_a_set,
    ordering.results_in_arrival_order,
    ordering.waited_for_all_before_first,
    cancelling.timeout_around_each_not_whole,
    cancelling.no_timeout,
    timing.drifts_by_sleeping,
    failing.return_exceptions_hides_failure,
    failing.every_error_retried,
    streaming.client_per_call,
    places.unbounded_fan_out,
    streaming.one_read_is_a_message,
    streaming.decoded_piece_by_piece,
    streaming.written_without_drain,
    queueing.queue_without_bound,
    blocking.to_thread_around_blocking,
    failing.gather_without_return_exceptions,
)
"""Every misconception that has a name, in order of precedence."""

_BY_NAME = {entry.name: entry for entry in CATALOGUE}


class Diagnosis(Record, frozen=True):
    """Which misconception explains a failed check, and on which line of the learner's file it stands."""

    misconception: str
    line: int | None


def misconception_named(name: str | None) -> Misconception | None:
    """The catalogue's entry of that name; None for no name or one that the catalogue does not have."""
    return None if name is None else _BY_NAME.get(name)


def diagnose(
    source: str, history: History, verdict: Verdict, entry_points: Iterable[str]
) -> Diagnosis | None:
    """The misconception that best explains why a check ended with `verdict`, or None.

    `source` is the learner's file and `history` what is known of the failed run. Never raises on any
    source, and reads none beyond a bounded size (see `read_code`).
    """
    entries = [entry for entry in CATALOGUE if verdict in entry.verdicts]
    code = read_code(source, entry_points) if entries else None
    if code is None:
        return None
    scene = Scene(code, history, verdict)
    for entry in entries:
        line = entry.detect(scene)
        if line is not None:
            return Diagnosis(misconception=entry.name, line=None if line == NO_LINE else line)
    return None
