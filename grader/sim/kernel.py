"""The kernel of the simulated machine: one clock, parked threads, and the one way to block.

Rules
-----
1. Everything that can block goes through `Kernel.wait(until_ns, source)`: it parks the calling
   thread until `source.ready()` or the clock reads `until_ns`. A `select` is a wait, `time.sleep`
   is a wait, a blocking `recv` is a wait.
2. Threads run one at a time and switch only inside `wait`. A switch passes a baton: the thread
   that parks opens the next one's gate (a raw lock) and then queues at its own.
3. Virtual time is integer nanoseconds. It passes only when no thread can run, and only the
   `Idler` decides how far: in a world alone and in the judge it is the next timer or event, in a
   guest it is what the judge says. Deadlines are rounded up to it (see `sim.readings`).
4. Ready sets are kept, not scanned. Whoever changes a source calls `source.changed()`, and only
   threads parked on that source wake, in the order in which they parked.

5. What ends the world (a deadlock, a busy loop) is raised in the main thread, wherever it was found:
   it is the program's failure and not one thread's.

Theory
------
Because time moves only when nothing can run, code costs no virtual time, and a run is a pure
function of its inputs: same program, same events, same order, whatever the real machine does.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from grader.errors import BusyLoop, Deadlock, WorldEnded
from grader.sim import carriers
from grader.sim.carriers import SimThread
from grader.sim.readings import EPOCH_NS, FREE_LOOKS, Deadline, FloatClock, whole_ns
from grader.sim.readings import NS as NS

STEPS_PER_INSTANT = 20_000
MAX_END_RAISES = 100
"""How often a thread may swallow WorldEnded before it is left parked for good."""


def _never() -> float:
    return math.inf


# -- what a kernel meets ---------------------------------------------------------------------------
class Source:
    """Something that a thread can wait for. Subclasses answer `ready()` and call `changed()`."""

    __slots__ = ("_kernel", "_waiters")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._waiters: dict[SimThread, None] = {}

    def ready(self) -> bool:
        """Whether a thread waiting for this may go on."""
        raise NotImplementedError

    @property
    def is_awaited(self) -> bool:
        """Whether a thread is parked until this is ready."""
        return bool(self._waiters)

    def changed(self) -> None:
        """Say that `ready()` may have become true; cheap when nobody waits."""
        for thread in self._waiters:
            self._kernel.make_runnable(thread)


class Flag(Source):
    """A source that is ready once it has been set."""

    __slots__ = ("is_set",)

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel)
        self.is_set = False

    def ready(self) -> bool:
        return self.is_set

    def set(self) -> None:
        self.is_set = True
        self.changed()


class Idler(Protocol):
    """What a kernel does when none of its threads can run; the judge's and the guest's differ."""

    def idle(self, kernel: Kernel, until_ns: int | None) -> None:
        """Let something happen: events delivered, or the clock moved, at most to `until_ns`.

        Raises Deadlock if nothing can ever happen again.
        """


class Observer(Protocol):
    """Is told of waits, to explain a run afterwards. Decides nothing."""

    def blocked(self, what: str, start_ns: int, end_ns: int) -> None:
        """The calling thread waited in `what`; called on that thread, whose frames still stand."""


class Kernel:
    """See the module's header. Made on the thread that is to be the world's main thread."""

    def __init__(self, idler: Idler, *, steps_per_instant: int | None = None, max_threads: int = 64) -> None:
        self.now_ns = 0
        self.observer: Observer | None = None
        self.max_threads = max_threads
        self._idler = idler
        self._steps_allowed = steps_per_instant
        self._steps = 0
        self._looks = 0
        self.monotonic, self.calendar = FloatClock(0), FloatClock(EPOCH_NS)
        self._order = 0
        self._timers: list[tuple[int, int, SimThread, int]] = []
        self._agenda: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._runnable: deque[SimThread] = deque()
        self.ended = False
        self.main = SimThread("MainThread", 1, carriers.real_ident())
        self.running = self.main
        self.threads: dict[SimThread, None] = {self.main: None}
        self._threads_begun = 1
        self._failure: BaseException | None = None
        self._gone: SimThread | None = None
        self._unwound = carriers.new_gate()
        self._unwound.acquire()

    # -- the one primitive -------------------------------------------------------------------------
    def wait(self, until_ns: int | None, source: Source | None = None, what: str = "") -> bool:
        """Park the calling thread until `source` is ready or the clock reads `until_ns`.

        Returns whether the source is ready. `until_ns` is a deadline, None for never; a deadline
        not in the future lets other threads have their turn and returns. `what` names the call
        for the observer, when this wait is not a loop's own `select`.

        Raises Deadlock, BusyLoop or WorldEnded.
        """
        if self.ended:
            self._raise_end()
        self._count_step()
        start_ns = self.now_ns
        if source is not None and source.ready():
            return True
        first, is_ready = True, False
        while not is_ready:
            if until_ns is not None and until_ns <= self.now_ns:
                if first and self._runnable:
                    self._yield()
                    is_ready = source is not None and source.ready()
                break
            first = False
            self._park(until_ns, source)
            self._run_interruptions()
            is_ready = source is not None and source.ready()
        if what and self.observer is not None and self.now_ns > start_ns:
            self.observer.blocked(what, start_ns, self.now_ns)
        if type(until_ns) is Deadline and until_ns <= self.now_ns:
            self.monotonic.never_before(until_ns.reads_s)
            self.calendar.never_before(until_ns.calendar_reads_s)
        return is_ready

    def _yield(self) -> None:
        me = self.running
        self.make_runnable(me)
        self._switch(me)
        self._run_interruptions()

    def interrupt(self, thread: SimThread, callback: Callable[[], None]) -> None:
        """Have a parked thread run `callback()` now, inside its wait, as a signal does.

        The wait then goes on, with the same deadline, unless the callback raises: that ends it.
        A thread that is not parked runs it when it next parks.
        """
        thread.interruptions.append(callback)
        self.make_runnable(thread)

    def _run_interruptions(self) -> None:
        me = self.running
        while me.interruptions:
            me.interruptions.popleft()()

    def _park(self, until_ns: int | None, source: Source | None) -> None:
        me = self.running
        if until_ns is not None:
            self._order += 1
            heapq.heappush(self._timers, (int(until_ns), self._order, me, me.parkings))
        if source is not None:
            source._waiters[me] = None
        try:
            self._switch(me)
        finally:
            me.parkings += 1
            if source is not None:
                source._waiters.pop(me, None)

    def _switch(self, me: SimThread | None) -> None:
        """Give the baton to the next runnable thread; return when `me` has it back."""
        while not self._runnable:
            try:
                self._idler.idle(self, self._next_timer_ns())
            except BaseException as failure:
                if me is self.main:
                    raise
                self._fail(failure)
            self._wake_due()
        following = self._runnable.popleft()
        following.runnable = False
        if following is not me:
            self.running = following
            following.gate.release()
            if me is None:
                return
            self._queue_at_gate(me)
        if me is self.main and self._failure is not None:
            found, self._failure = self._failure, None
            raise found

    def _queue_at_gate(self, me: SimThread) -> None:
        me.gate.acquire()
        self._join_gone()
        if self.ended:
            raise WorldEnded

    def _join_gone(self) -> None:
        """Let a thread that is over drop what it held before anything else runs."""
        if self._gone is not None:
            gone, self._gone = self._gone, None
            gone.join_real()

    def _fail(self, failure: BaseException) -> None:
        """Have the main thread raise this when it next runs, which is soon."""
        self._failure = failure
        self.make_runnable(self.main)

    def _next_timer_ns(self) -> int | None:
        while self._timers:
            instant_ns, _, thread, parking = self._timers[0]
            if thread.parkings == parking:
                return instant_ns
            heapq.heappop(self._timers)
        return None

    def _wake_due(self) -> None:
        while (instant_ns := self._next_timer_ns()) is not None and instant_ns <= self.now_ns:
            self.make_runnable(heapq.heappop(self._timers)[2])

    def make_runnable(self, thread: SimThread) -> None:
        """Put a parked thread at the end of the queue of those that can run."""
        if not thread.runnable:
            thread.runnable = True
            self._runnable.append(thread)

    def _count_step(self) -> None:
        self._steps += 1
        if self._steps_allowed is not None and self._steps > self._steps_allowed:
            self._is_busy(f"{self._steps_allowed} steps at one instant")

    def _is_busy(self, said: str) -> None:
        self._steps = self._looks = 0
        failure = BusyLoop(said)
        if self.running is not self.main:
            self._fail(failure)
        raise failure

    # -- clocks ------------------------------------------------------------------------------------
    def after(self, seconds: float) -> Deadline:
        """The deadline so many seconds from now; now, for less than none. See `sim.readings`."""
        seconds = 0.0 if seconds <= 0 else float(seconds)
        reads_s = self.monotonic.at(self.now_ns) + seconds
        deadline = Deadline(self.now_ns + whole_ns(seconds, reads_s))
        deadline.reads_s, deadline.calendar_reads_s = reads_s, self.calendar.at(self.now_ns) + seconds
        return deadline

    def look(self, clock: FloatClock | None = None, next_call_s: Callable[[], float] = _never) -> None:
        """Count that a program looks at that clock, None for the nanoseconds.

        `next_call_s` tells when the loop of the calling thread has something to call, which only that
        loop knows. Raises BusyLoop after half as many looks at one instant as steps are allowed.
        """
        self._looks += 1
        if self._looks <= FREE_LOOKS or self.ended:
            return
        if self._steps_allowed is not None and self._looks > self._steps_allowed // 2:
            self._is_busy(f"{self._steps_allowed // 2} looks at the clock at one instant")
        if clock is not None:
            timer_ns = self._next_timer_ns()
            timer_s = math.inf if timer_ns is None else timer_ns / NS
            clock.step(self.now_ns, min(timer_s, next_call_s()))

    # -- time and what is due ----------------------------------------------------------------------
    def advance_to(self, instant_ns: int) -> None:
        """Move the clock. Only an idler calls this, and never backwards."""
        if instant_ns < self.now_ns:
            raise ValueError(f"the clock cannot go back from {self.now_ns} to {instant_ns}")
        if instant_ns > self.now_ns:
            self.now_ns = instant_ns
            self._steps = self._looks = 0

    def call_at(self, instant_ns: int, callback: Callable[..., None], *args: Any) -> None:
        """Have the idler run `callback(*args)` at that instant: packets and other outside events."""
        self._order += 1
        heapq.heappush(self._agenda, (max(instant_ns, self.now_ns), self._order, callback, args))

    def next_event_ns(self) -> int | None:
        """When the next outside event is due, None if there is none."""
        return self._agenda[0][0] if self._agenda else None

    def run_due_events(self) -> bool:
        """Run the outside events due now, in order; say whether there were any."""
        ran = False
        while self._agenda and self._agenda[0][0] <= self.now_ns:
            _, _, callback, args = heapq.heappop(self._agenda)
            callback(*args)
            ran = True
        return ran

    # -- threads -----------------------------------------------------------------------------------
    def start_thread(self, name: str, body: Callable[[], None]) -> SimThread:
        """Start a thread that runs when its turn comes.

        Raises RuntimeError, as the standard library does, past `max_threads`.
        """
        if self.ended or len(self.threads) > self.max_threads:
            raise RuntimeError(f"can't start new thread: this machine allows {self.max_threads}")
        self._threads_begun += 1
        thread = SimThread(name, self._threads_begun)
        self.threads[thread] = None
        try:
            thread.join_real = carriers.start(lambda: self._run(thread, body))
        except RuntimeError:
            del self.threads[thread]
            raise
        self.make_runnable(thread)
        return thread

    def _run(self, thread: SimThread, body: Callable[[], None]) -> None:
        """All that a thread does from its first turn to its last."""
        thread.ident = carriers.real_ident()
        try:
            self._queue_at_gate(thread)
            body()
        except WorldEnded:
            pass
        finally:
            for last_act in thread.at_exit:
                last_act()
            del self.threads[thread]
            self._gone = thread
            if self.ended:
                self._unwound.release()
            else:
                self._switch(None)

    def end(self) -> None:
        """End the world: threads still parked unwind with WorldEnded, one at a time, oldest first.

        Whatever would wait in the world from now on raises WorldEnded too.
        """
        if self.ended:
            return
        self.ended = True
        me = self.running
        for thread in list(self.threads):
            if thread is not me:
                self.running = thread
                thread.gate.release()
                self._unwound.acquire()
                self._join_gone()
        self.running = me
        self._runnable.clear()
        self._agenda.clear()
        self._timers.clear()

    def _raise_end(self) -> None:
        me = self.running
        me.end_raises += 1
        if me is not self.main and me.end_raises > MAX_END_RAISES:
            # It swallows WorldEnded and tries again, for ever: it stays here, and costs nothing.
            self._unwound.release()
            me.gate.acquire()
        raise WorldEnded


class Alone:
    """The idler of a world with no guest: time jumps to the next timer or event."""

    def idle(self, kernel: Kernel, until_ns: int | None) -> None:
        if kernel.run_due_events():
            return
        upcoming = [instant for instant in (until_ns, kernel.next_event_ns()) if instant is not None]
        if not upcoming:
            raise Deadlock("every thread waits and nothing can wake any of them")
        kernel.advance_to(min(upcoming))
        kernel.run_due_events()
