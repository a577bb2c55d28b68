"""Every exception of ours: when it is raised, whose fault it is, and what to do next.

Three words, kept apart (docs/glossary.md): a *fault* is what a suite injects, a *failure* is the
learner's code's (see `grader.testing`), an *error* is ours or our caller's: it is one of these.
"""

from __future__ import annotations


class KataError(Exception):
    """Root of all errors that a command turns into one line on stderr.

    `exit_code` is what the command line answers with: 2 for the caller's fault, 3 for ours.
    The message says what is wrong; `advice`, when there is any, says what to do next.
    """

    exit_code = 3

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


# -- the caller's fault ----------------------------------------------------------------------------
class BadInput(KataError):
    """What the user named, passed or handed in cannot be used as it is. The user's to mend."""

    exit_code = 2


class NoSuchKata(BadInput):
    """No kata has that number, slug, prefix or path. The user's fault; near misses are suggested."""


class NoWorkspace(BadInput):
    """The command needs a workspace and none is here or above. The user runs `kata init`."""


class BadKata(BadInput):
    """A kata's folder breaks the rules of `katas/README.md`. The kata author's fault."""


class BadStore(BadInput):
    """The results store is damaged, locked by another run, or newer than this grader. Not a verdict."""


class IsolationRefused(BadInput):
    """This machine cannot isolate a guest as asked. Nobody's fault; the message says what is missing."""


# -- ours ------------------------------------------------------------------------------------------
class JudgeError(KataError):
    """The judge broke: a bug of ours or of the suite's author. Never shown as the learner's."""


# -- inside the simulation -------------------------------------------------------------------------
class NotSimulated(NotImplementedError):
    """Code asked the simulated machine for something it does not have. Nobody's fault; named exactly.

    Reaches the learner's code as an ordinary exception, so it is not a `KataError`.
    """


class Deadlock(BaseException):
    """Every thread waits for what can never come. The waiting code's failure, exact and immediate.

    A `BaseException`, so that `except Exception` in simulated code does not swallow it.
    """


class BusyLoop(BaseException):
    """A loop took too many steps without the clock moving. The looping code's failure."""


class WorldEnded(BaseException):
    """A thread was still parked when its world ended. Nobody's fault: it unwinds that thread."""


class WireError(Exception):
    """The bytes on the wire are not a message, or one that breaks a bound. The sender's fault."""
