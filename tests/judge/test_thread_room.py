"""A guest's address space has room for all the threads that its limits allow."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.judge.launch import environment
from grader.records import Limits

PROGRAM = """
import resource, sys, threading, time
from grader.sim.kernel import Alone
from grader.sim.machine import Machine
from grader.sim.patches import simulated

memory, threads = int(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
done = []

def work():
    kept = [bytes(1000) for _ in range(1000)]
    time.sleep(1)
    done.append(len(kept))

with simulated(Machine(Alone(), max_threads=threads)):
    started = [threading.Thread(target=work) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
print(len(done), time.localtime(0).tm_hour)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited on Linux only")
def test_as_many_threads_as_the_limits_allow_fit_into_the_memory_that_they_allow() -> None:
    """glibc alone would use up a gigabyte of it for the heaps of a dozen threads."""
    limits = Limits()
    arguments = [str(limits.memory_mb * 1024 * 1024), str(limits.threads)]
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.stdout == f"{limits.threads} 0\n", result.stderr[-2000:]
