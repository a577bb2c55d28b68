"""One submission: launch a guest, run the hidden suite, fold what happened into a verdict."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.judge.script import ScriptRun, demo_figures, run_script
    from grader.judge.session import Judge, Options, run_pytest, suite_digest
    from grader.judge.suite_check import SuiteTrial, try_suite

__all__ = [
    "Judge",
    "Options",
    "ScriptRun",
    "SuiteTrial",
    "demo_figures",
    "run_pytest",
    "run_script",
    "suite_digest",
    "try_suite",
]

_HOMES = dict.fromkeys(("ScriptRun", "demo_figures", "run_script"), "script")
_HOMES |= dict.fromkeys(("SuiteTrial", "try_suite"), "suite_check")


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: a check need not wait for what runs scripts."""
    if name not in __all__:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"grader.judge.{_HOMES.get(name, 'session')}"), name)
