"""What a kernel asks of its surroundings: how to go idle, and who is told of waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from grader.errors import Deadlock

if TYPE_CHECKING:
    from grader.sim.kernel import Kernel


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
