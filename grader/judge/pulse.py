"""Whether the guest's event loop was free: what the judge asked, and how long the answers took.

Each step brings the guest one small question, which its loop answers when it comes to rest. So a
loop that is held by a blocking call is seen whenever the clock moves, however short the call is,
and whether or not the whole takes as long as it should.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Pulse:
    """The questions and answers of one check. Instants and lengths are in nanoseconds."""

    def __init__(self) -> None:
        self._asked = 0
        self._since_ns: int | None = None
        self._longest_ns = 0
        self._excuses = 0

    def begin(self) -> None:
        """The loop runs, and is to be free from now on: nothing that was before counts."""
        self._since_ns, self._longest_ns = None, 0

    @property
    def is_waiting(self) -> bool:
        """Whether the last question has not been answered yet."""
        return self._since_ns is not None

    def ask(self, now_ns: int) -> int:
        """Note that a question is sent now; returns its number."""
        self._asked += 1
        if self._since_ns is None:
            self._since_ns = now_ns
        return self._asked

    def answered(self, number: int, now_ns: int) -> None:
        """Note an answer. Only one to the last question says that the loop is free."""
        if number == self._asked:
            self._settle(now_ns)

    @contextmanager
    def excused(self, now_ns: int) -> Iterator[None]:
        """The suite itself holds the loop during the body, which begins now."""
        self._settle(now_ns)
        self._excuses += 1
        try:
            yield
        finally:
            self._excuses -= 1
            self._since_ns = None

    def _settle(self, now_ns: int) -> None:
        self._longest_ns, self._since_ns = self.longest_ns(now_ns), None

    def longest_ns(self, now_ns: int) -> int:
        """For how long the loop was held at most, be it by what holds it still."""
        held_ns = 0 if self._since_ns is None or self._excuses else now_ns - self._since_ns
        return max(self._longest_ns, held_ns)
