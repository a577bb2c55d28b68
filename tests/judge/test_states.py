"""What a guest may say when: the table, and that a session goes by it."""

from __future__ import annotations

import typing

from grader import wire
from grader.judge.guest import GuestSession
from grader.judge.states import MAY_SAY, SessionState, may_say, state_after
from grader.judge.world import World
from grader.records import Isolation, Verdict
from tests.attacks.fake_guest import LIMITS, FakeChild, Script, body, judged


def test_each_message_has_its_place():
    said = {kind for kinds in MAY_SAY.values() for kind in kinds}
    assert said == set(typing.get_args(wire.Action))


def test_a_run_goes_from_start_to_end():
    state = SessionState.STARTING
    for action in (wire.Entered("none", []), wire.Compiled(b""), wire.Loaded(None), wire.Pong(1)):
        assert may_say(state, action)
        state = state_after(state, action)
    assert state is SessionState.SERVING


def test_what_only_our_own_code_says_is_not_heard_once_the_learners_runs():
    for state in (SessionState.LOADING, SessionState.SERVING):
        assert not may_say(state, wire.Entered("full", []))
        assert not may_say(state, wire.Cleared(()))
    assert not may_say(SessionState.SERVING, wire.Compiled(b""))


def test_a_guest_that_enters_twice_has_entered_as_it_first_said():
    world = World("twice")
    forged = body(wire.Idle(None, [wire.Entered("full", []), wire.Loaded(None)]))
    guest = GuestSession(FakeChild(Script([forged])), LIMITS, world.kernel)
    try:
        world.attach(guest)
        guest.step()
        assert guest.entered.isolation is Isolation.NONE
    finally:
        guest.close()
        world.loop.close()
        world.end()


def test_a_second_loading_is_no_news():
    """The module has loaded; that it has not, said later, changes nothing: the guest is then silent."""
    error = wire.ExceptionRecord(("SyntaxError", "Exception"), "forged", (), (), (), ())
    said = [body(wire.Idle(None, [wire.Loaded(None)])), body(wire.Idle(None, [wire.Loaded(error)]))]
    assert judged(said).verdict is not Verdict.NOT_LOADABLE
