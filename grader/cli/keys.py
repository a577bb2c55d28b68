"""Single key presses from a terminal, without waiting for Enter; none where stdin is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Keys(Protocol):
    """A source of key presses."""

    def __call__(self, timeout_s: float) -> str:
        """The next key in lower case, or "" if none came within `timeout_s` of real time."""


@contextmanager
def key_presses() -> Iterator[Keys]:
    """Key presses for as long as the context lasts; the terminal is as before when it ends."""
    if not sys.stdin.isatty():
        yield _none
    elif sys.platform == "win32":
        yield _windows
    else:
        with _unbuffered():
            yield _posix


def _none(timeout_s: float) -> str:
    time.sleep(timeout_s)
    return ""


if sys.platform == "win32":

    def _windows(timeout_s: float) -> str:
        import msvcrt

        until = time.monotonic() + timeout_s
        while not msvcrt.kbhit():
            if time.monotonic() >= until:
                return ""
            time.sleep(0.02)
        key = msvcrt.getwch()
        if key in "\0\xe0":  # an arrow or another key without a character: what follows says which
            msvcrt.getwch()
            return ""
        return key.lower()

else:

    @contextmanager
    def _unbuffered() -> Iterator[None]:
        import termios
        import tty

        before = termios.tcgetattr(sys.stdin)
        tty.setcbreak(sys.stdin)  # Ctrl-C still interrupts
        try:
            yield
        finally:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)

    def _posix(timeout_s: float) -> str:
        import os
        import select

        ready, _, _ = select.select([sys.stdin], [], [], timeout_s)
        # Past sys.stdin's buffer, which select cannot see into.
        return os.read(sys.stdin.fileno(), 1).decode("ascii", "ignore").lower() if ready else ""
