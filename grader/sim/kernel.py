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
   guest it is what the judge says.
4. Ready sets are kept, not scanned. Whoever changes a source calls `source.changed()`, and only
   threads parked on that source wake, in the order in which they parked.

Theory
------
Because time moves only when nothing can run, code costs no virtual time, and a run is a pure
function of its inputs: same program, same events, same order, whatever the real machine does.
"""

from __future__ import annotations

import _thread
import heapq
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from grader.errors import BusyLoop, Deadlock, WorldEnded

NS = 1_000_000_000
STEPS_PER_INSTANT = 20_000
# Taken before anything is patched: the kernel itself runs on the real machine's threads.
_new_gate = _thread.allocate_lock
_start_real_thread = _thread.start_new_thread


def to_ns(seconds: float) -> int:
    """Seconds as the standard library gives them, rounded to whole nanoseconds."""
    return round(seconds * NS)


class Source:
    """Something that a thread can wait for. Subclasses answer `ready()` and call `changed()`."""

    __slots__ = ("_kernel", "_waiters")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._waiters: dict[SimThread, None] = {}

    def ready(self) -> bool:
        """Whether a thread waiting for this may go on."""
        raise NotImplementedError

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


class SimThread:
    """A thread of the simulated machine. The gate is closed unless the thread has the baton."""

    __slots__ = ("gate", "ident", "interruptions", "name", "parkings", "runnable")

    def __init__(self, name: str, ident: int = 0) -> None:
        self.gate = _new_gate()
        self.gate.acquire()
        self.name = name
        self.ident = ident
        self.runnable = False
        self.interruptions: deque[Callable[[], None]] = deque()
        """What it must run before it goes on waiting: signal handlers."""
        self.parkings = 0
        """How often it has parked: a timer of an earlier parking is stale and passed over."""


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
        self._order = 0
        self._timers: list[tuple[int, int, SimThread, int]] = []
        self._agenda: list[tuple[int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._runnable: deque[SimThread] = deque()
        self.ended = False
        self.running = SimThread("MainThread", _thread.get_ident())
        self.main = self.running
        self.threads: dict[SimThread, None] = {self.main: None}

    # -- the one primitive -------------------------------------------------------------------------
    def wait(self, until_ns: int | None, source: Source | None = None, what: str = "") -> bool:
        """Park the calling thread until `source` is ready or the clock reads `until_ns`.

        Returns whether the source is ready. `until_ns` is a deadline, None for never; a deadline
        not in the future lets other threads have their turn and returns. `what` names the call
        for the observer, when this wait is not a loop's own `select`.

        Raises Deadlock, BusyLoop or WorldEnded.
        """
        if self.ended:
            raise WorldEnded
        self._count_step()
        start_ns = self.now_ns
        if source is not None and source.ready():
            return True
        first = True
        while True:
            if until_ns is not None and until_ns <= self.now_ns:
                if first:
                    self._yield()
                break
            first = False
            self._park(until_ns, source)
            self._run_interruptions()
            if source is not None and source.ready():
                break
        if what and self.observer is not None and self.now_ns > start_ns:
            self.observer.blocked(what, start_ns, self.now_ns)
        return source is not None and source.ready()

    def _yield(self) -> None:
        if self._runnable:
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
            heapq.heappush(self._timers, (until_ns, self._order, me, me.parkings))
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
            self._idler.idle(self, self._next_timer_ns())
            self._wake_due()
        following = self._runnable.popleft()
        following.runnable = False
        if following is me:
            return
        self.running = following
        following.gate.release()
        if me is not None:
            me.gate.acquire()
            if self.ended:
                raise WorldEnded

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
            self._steps = 0
            raise BusyLoop(f"{self._steps_allowed} steps at one instant: the clock never moves")

    # -- time and what is due ----------------------------------------------------------------------
    def advance_to(self, instant_ns: int) -> None:
        """Move the clock. Only an idler calls this, and never backwards."""
        if instant_ns < self.now_ns:
            raise ValueError(f"the clock cannot go back from {self.now_ns} to {instant_ns}")
        if instant_ns > self.now_ns:
            self.now_ns = instant_ns
            self._steps = 0

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
        if len(self.threads) > self.max_threads:
            raise RuntimeError(f"can't start new thread: this machine allows {self.max_threads}")
        thread = SimThread(name)
        self.threads[thread] = None

        def run() -> None:
            thread.ident = _thread.get_ident()
            thread.gate.acquire()
            try:
                if not self.ended:
                    body()
            except WorldEnded:
                pass
            finally:
                self.threads.pop(thread, None)
                if not self.ended:
                    self._pass_on()

        _start_real_thread(run, ())
        self.make_runnable(thread)
        return thread

    def _pass_on(self) -> None:
        try:
            self._switch(None)
        except (Deadlock, BusyLoop, WorldEnded):
            # This thread is over and cannot report it: the main thread wakes and meets it again.
            self._runnable.clear()
            main = next(iter(self.threads))
            self.running = main
            main.gate.release()

    def end(self) -> None:
        """End the world: threads still parked unwind with WorldEnded; further waits raise it too."""
        self.ended = True
        for thread in list(self.threads):
            if thread is not self.running:
                thread.gate.release()
        self._agenda.clear()
        self._timers.clear()


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
