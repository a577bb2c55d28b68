"""A guest asks the judge's callables: no answer is lost, however soon it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from grader import wire
from grader.guest.link import Link
from grader.guest.serve import Server


class Prompt(Link):
    """A wire on which each question is answered before the sending of it is over."""

    def act(self, action: wire.Action) -> None:
        assert isinstance(action, wire.CallbackCall)
        self._dispatch(wire.CallbackAnswer(action.number, wire.pack(4), None))


def never_pause(what: str) -> tuple[Callable[[], None], Callable[[], object]]:
    return lambda: None, lambda: None


def test_an_answer_may_come_while_the_question_is_being_sent() -> None:
    """As it does on the real clock, where another thread reads the wire."""
    server = Server(never_pause, Prompt(), "solution.py")
    assert server._ask(7, "callable", (), {}) == 4
    assert asyncio.run(asyncio.wait_for(server._ask_async(7, (), {}), 10)) == 4
