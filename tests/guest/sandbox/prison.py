"""Under which conditions `inmate.py` is run, and which of its attempts this machine can make."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import inmate
import msgspec

import grader

HERE = Path(__file__).parent
PATHS = [str(Path(package.__file__).parent.parent) for package in (grader, msgspec)]

CONDITIONS: dict[str, dict[str, Any]] = {
    "control": {"level": "none"},
    "as I am": {"level": "full"},
    "as nobody": {"level": "full", "nobody": True},
    "landlock alone": {"level": "best", "without": ["seccomp"]},
    "seccomp alone": {"level": "best", "without": ["landlock"]},
}

ON_ONE_MACHINE_ONLY = {"call_in_x32_mode", "call_in_32_bit_mode"}


def real_root() -> bool:
    """Whether these tests run as a root that has other ids to give away (not so in `unshare -r`)."""
    mapped = sum(int(line.split()[2]) for line in Path("/proc/self/uid_map").read_text().splitlines())
    return os.geteuid() == 0 and mapped > 1


def attempts() -> list[str]:
    """All that this machine can attempt."""
    other = ON_ONE_MACHINE_ONLY if os.uname().machine != "x86_64" else set()
    return [name for name in inmate.ATTEMPTS if name not in other]
