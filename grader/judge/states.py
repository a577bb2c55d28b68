"""What a guest may say when: the states of its session, as a table.

Rules
-----
1. A session goes through its states in one direction, and only by what the guest says, but for two moves
   of the judge: it asks the guest to hand over, and it ends the session.
2. `MAY_SAY` lists for each state all that is heard in it. What is out of place is not heard: a guest can
   forge any message at any time, and gains nothing by it. (It counts against the limits all the same.)
3. Whatever the learner's code does may come whenever that code can run: while its file is loaded, and
   after that.
4. What is heard may still be nonsense, an answer to a call that nobody made for example: whoever handles
   a message looks at its numbers.

Theory
------
    STARTING --Entered--> LOADING --Loaded, ScriptEnded--> SERVING --(NextRun)--> HANDING_OVER --Cleared-.
                                                                                                         v
    any state --(end)-------------------------------------------------------------------------------> ENDED
"""

from __future__ import annotations

import enum
import typing

from grader import wire


class SessionState(enum.Enum):
    """How far a guest has come in one run."""

    STARTING = "starting"
    """Its process shuts itself in. A process that has had a run before does not come here again."""
    LOADING = "loading"
    """The learner's file runs."""
    SERVING = "serving"
    """The file has run; calls are made."""
    HANDING_OVER = "handing over"
    """The run is over, and the guest makes itself ready for the next."""
    ENDED = "ended"
    """Nothing more is heard of it."""


_OF_LOADING = {wire.Compiled, wire.Loaded, wire.ScriptEnded}
_OF_CALLS = {
    wire.Returned,
    wire.Raised,
    wire.NotAwaitable,
    wire.NotPlain,
    wire.Miscounted,
    wire.CallbackCall,
    wire.CallbackCancel,
}
_OF_RUNNING_CODE = set(typing.get_args(wire.Action)) - _OF_LOADING - _OF_CALLS - {wire.Entered, wire.Cleared}
"""Output, notes, the pulse, an inspection, the end of the process; network, programs, files."""

MAY_SAY: dict[SessionState, frozenset[type]] = {
    SessionState.STARTING: frozenset({wire.Entered}),
    SessionState.LOADING: frozenset(_OF_RUNNING_CODE | _OF_LOADING),
    SessionState.SERVING: frozenset(_OF_RUNNING_CODE | _OF_CALLS),
    SessionState.HANDING_OVER: frozenset({wire.Cleared}),
    SessionState.ENDED: frozenset(),
}
_FOLLOWED_BY: dict[tuple[SessionState, type], SessionState] = {
    (SessionState.STARTING, wire.Entered): SessionState.LOADING,
    (SessionState.LOADING, wire.Loaded): SessionState.SERVING,
    (SessionState.LOADING, wire.ScriptEnded): SessionState.SERVING,
    (SessionState.HANDING_OVER, wire.Cleared): SessionState.ENDED,
}


def may_say(state: SessionState, action: wire.Action) -> bool:
    """Whether this is heard in that state."""
    return type(action) in MAY_SAY[state]


def state_after(state: SessionState, action: wire.Action) -> SessionState:
    """The state once this has been heard: most messages change nothing."""
    return _FOLLOWED_BY.get((state, type(action)), state)
