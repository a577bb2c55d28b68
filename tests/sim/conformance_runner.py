"""Runs modules of CPython's own asyncio tests on the simulation, each test in a world of its own.

`python conformance_runner.py test_tasks test_streams`: prints one JSON object: each test's
outcome by its id. Run as a process of its own: these tests change what is global.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import traceback
import unittest
import warnings
from collections.abc import Iterator
from typing import Any

from platforms import Simulated

from grader.sim.shims.asyncio_loop import SimLoop, new_event_loop

STEPS = 200_000


class Outcomes(unittest.TestResult):
    """Keeps one word per test, and what the tests that failed said."""

    def __init__(self) -> None:
        super().__init__()
        self.by_id: dict[str, str] = {}
        self.said: dict[str, str] = {}

    def _note(self, test: Any, word: str, said: str = "") -> None:
        # A failed subtest is its test's failure; a test may fail and then succeed at tearing down.
        name = getattr(test, "test_case", test).id().removeprefix("test.test_asyncio.")
        if self.by_id.get(name) not in ("failed", "error"):
            self.by_id[name] = word
            if said:
                self.said[name] = said

    def _failed(self, test: Any, word: str, err: Any) -> None:
        self._note(test, word, "".join(traceback.format_exception(*err))[-2000:])

    def addSuccess(self, test: Any) -> None:  # noqa: N802  # unittest's name
        self._note(test, "passed")

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802  # unittest's name
        self._failed(test, "failed", err)

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802  # unittest's name
        self._failed(test, "error", err)

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802  # unittest's name
        self._note(test, "skipped")

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802  # unittest's name
        if err is not None:
            self._failed(test, "failed", err)


def each_test(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from each_test(one)
        else:
            yield one


def loop_of_a_test(*_selector: Any) -> SimLoop:
    return new_event_loop()


def main(modules: list[str]) -> None:
    warnings.simplefilter("ignore")
    outcomes, loader = Outcomes(), unittest.TestLoader()
    suites = [loader.loadTestsFromName(f"test.test_asyncio.{module}") for module in modules]
    asyncio.SelectorEventLoop = loop_of_a_test  # type: ignore[misc,assignment]  # what these tests make their loops with
    gc.freeze()
    for suite in suites:
        for test in each_test(suite):
            with Simulated(steps=STEPS).running():
                unittest.TestSuite([test]).run(outcomes)
            gc.collect()  # Nothing of this world is left to be warned about in the next.
            gc.freeze()  # nor is what stays to be looked through after every test
            outcomes._previousTestClass = None  # type: ignore[attr-defined]  # or its class is not set up again
    json.dump({"outcomes": outcomes.by_id, "said": outcomes.said}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
