"""What a thread can wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.sim.carriers import SimThread
    from grader.sim.kernel import Kernel


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
