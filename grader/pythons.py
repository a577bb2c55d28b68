"""Which Pythons `kata` runs on. Whatever says so elsewhere takes it from here, or is tested against it.

This module is read before any other, and by a Python that may be too old for the rest.
"""

from __future__ import annotations

import sys

TESTED = ("3.11", "3.12", "3.13", "3.14", "3.15")
"""Versions of CPython on which the whole suite passes, oldest first."""


def supported_range() -> str:
    """As texts say it: "3.11 to 3.15"."""
    return f"{TESTED[0]} to {TESTED[-1]}"


def refusal() -> str:
    """Why `kata` does not run on this Python and what to do, in one line; "" where it does.

    The simulated machine replaces what is private to CPython and differs in each version. So an unknown
    version is refused, or a learner would meet an error of ours.
    """
    version = ".".join(str(part) for part in sys.version_info[:3])
    name = {"cpython": "CPython", "pypy": "PyPy"}.get(sys.implementation.name, sys.implementation.name)
    found = f"{name} {version}"
    is_free_threaded = "free-threading" in sys.version
    if is_free_threaded:
        found = f"the free-threaded build of {found}"
    is_tested = ".".join(version.split(".")[:2]) in TESTED
    if is_tested and name == "CPython" and not is_free_threaded:
        return ""
    return (
        f"kata needs CPython {supported_range()} (not free-threaded), and {sys.executable} is {found}. "
        f"Install kata for one of these versions, as with `python{TESTED[-1]} -m pip install .`."
    )
