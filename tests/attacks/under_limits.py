"""A judge in a process of its own, under limits of the system: it comes to a verdict, or it is killed."""

from __future__ import annotations

import os
import resource
import traceback
from collections.abc import Callable

import msgspec

from grader.records import Limits, Verdict
from tests.attacks.fake_guest import judged

GUEST = Limits(cpu_s=1.0, wall_s=60.0, virtual_s=1_000.0)
BEYOND_S = 5
"""CPU that the judge may use beyond the guest's own limit."""
MEMORY_BYTES = 500 << 20
"""Address space, which is never less than the memory in use."""


def verdict_of(bodies: list[bytes], *, repeats: bool = False, source: str = "") -> Verdict:
    """What a check comes to whose guest says this. Raises AssertionError if the judge dies of it."""

    def judge() -> str:
        check = judged(bodies, repeats=repeats, limits=GUEST, source=source)
        msgspec.json.encode(check)  # as it is stored
        return check.verdict

    return Verdict(run(judge))


def run(work: Callable[[], str]) -> str:
    """What `work` says, done under limits. Raises AssertionError with how it ended if it says nothing."""
    read_fd, write_fd = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read_fd)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            limit_s = int(GUEST.cpu_s) + BEYOND_S
            resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            os.write(write_fd, work().encode())
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(write_fd)
    with os.fdopen(read_fd, "rb") as pipe:
        said = pipe.read().decode()
    _, status, usage = os.wait4(pid, 0)
    ended = os.waitstatus_to_exitcode(status)
    cpu_s = usage.ru_utime + usage.ru_stime
    assert said, f"no verdict: status {ended}, {cpu_s:.1f} s of CPU, {usage.ru_maxrss >> 10} MB"
    return said
