"""A suite on trial, before any submission is judged by it: what is wrong with it, and what it is worth.

The suite is imported here as any program would import it, so that what it raises is at hand with its line;
pytest, which then collects it, has only a drawing of the traceback to show. Suites are trusted: this runs
in the process that asks, which should be one that is thrown away.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import traceback
from pathlib import Path
from typing import NamedTuple

from grader.errors import BadInput
from grader.judge.plugin import check_id, worth_of
from grader.judge.suite import Suite, undisturbed

_NAME = "suite_on_trial"


class SuiteTrial(NamedTuple):
    """What came of it."""

    fault: str
    """Why it cannot be run, in one line for whoever wrote it; "" if it can."""
    points: float = 0
    """All that there are to be had in it."""


def try_suite(path: Path) -> SuiteTrial:
    """Open the suite at `path`, as a judge would."""
    fault = _import_fault(path)
    return SuiteTrial(fault) if fault else _collected(path)


def _import_fault(path: Path) -> str:
    spec = importlib.util.spec_from_file_location(_NAME, path)
    if spec is None or spec.loader is None:
        return "it is not a Python file"
    module = importlib.util.module_from_spec(spec)
    try:
        with undisturbed(), contextlib.redirect_stdout(sys.stderr):  # what it prints is no result of ours
            spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, and pytest's own kinds
        return _with_line(error, path)
    return ""


def _with_line(error: BaseException, path: Path) -> str:
    said = str(error).strip()
    if isinstance(error, SyntaxError) and error.filename == str(path):
        said, line = error.msg, error.lineno
    else:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == str(path)), None)
    words = type(error).__name__ + (f": {said.splitlines()[0]}" if said else "")
    return words if line is None else f"line {line}: {words}"


def _collected(path: Path) -> SuiteTrial:
    """What pytest finds in a file that can be imported: perhaps no checks, or one that asks for too much."""
    try:
        suite = Suite(path)
    except BadInput as error:
        words = str(error).partition("cannot be run: ")[2] or str(error)
        return SuiteTrial(words.strip().splitlines()[-1].removeprefix("E ").strip())
    suite.close()
    for item in suite.items:
        known = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]  # pytest's own, as in Suite
        for name in item._fixtureinfo.argnames:  # type: ignore[attr-defined]
            if name not in known and name != "request":
                return SuiteTrial(f"{item.name} uses unknown fixture {name}")
    return SuiteTrial("", sum({check_id(item): worth_of(item) for item in suite.items}.values()))
