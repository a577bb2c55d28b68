"""What runs in a forked guest before its own first line: nothing.

The standard library has functions run in each forked child (`os.register_at_fork`): new locks, in
case another thread of the parent held the old ones, and a new state of `random`. A zygote forks
with one thread and no lock held, and a guest's chance is to be the same in every run. Left out, they
spare each guest the copying of some two hundred pages of memory.
"""

from __future__ import annotations

import os
from typing import Any


def leave_out_fork_handlers() -> None:
    """Have modules that are imported from now on register nothing."""
    os.register_at_fork = _ignore


def _ignore(**handlers: Any) -> None:
    """In place of `os.register_at_fork`."""
