"""How many threads a guest's process has, counted by the kernel: it cannot lie about them.

Linux only, and only where the guest is on the judge's /proc.
"""

from __future__ import annotations

import os

SPARE_THREADS = 4
"""Beside the main thread and those of its programs: a little for what the interpreter may start."""


def has_too_many(pid: int, allowed: int) -> bool:
    """Whether that process has more threads than `allowed`, its main one and the spare ones aside.

    False where they cannot be counted.
    """
    most = 1 + allowed + SPARE_THREADS
    folder = f"/proc/{pid}/task"
    try:
        # The kernel counts a folder's folders among its links: five times as quick as to list them.
        return os.stat(folder).st_nlink - 2 > most and len(os.listdir(folder)) > most  # noqa: PTH116, PTH208  # as Path's ways cost more, and this is asked at every step
    except OSError:
        return False
