"""A guest in a process of its own, where there is no fork: the same wire over stdin and stdout."""

from __future__ import annotations

import os
import sys

import msgspec

from grader.guest import life
from grader.guest.sandbox import SandboxPolicy
from grader.guest.warmth import warm_up


def main(arguments: list[str]) -> None:
    """Become a guest; the policy comes as JSON in the first argument, then packages to import."""
    policy = msgspec.json.decode(arguments[0], type=SandboxPolicy)
    # The wire moves away from 0 and 1, so that a stray print cannot speak on it.
    read_fd, write_fd = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.close(null)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(read_fd, os.O_BINARY)
        msvcrt.setmode(write_fd, os.O_BINARY)
    warm_up(arguments[1:])
    life.be_a_guest(life.GuestProcess(policy.limits), read_fd, write_fd, policy)
