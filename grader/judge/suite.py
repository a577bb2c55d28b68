"""A hidden suite, collected once by pytest and run for many submissions.

`pytest.main` would configure pytest and collect the suite anew for each submission, at three times
the price of the checks themselves. So a suite's session is opened as `pytest.main` opens it (the
same steps, in `_pytest.main.wrap_session`), kept, and each submission runs through its items. The
functions with an underscore are pytest's own and not public; pyproject holds pytest below 10.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
import warnings
from collections.abc import Collection, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Literal

import pytest
import pytest_asyncio.plugin
import pytest_timeout  # type: ignore[import-untyped]  # it carries no types
from _pytest.config import _prepareconfig

from grader.errors import BadInput
from grader.judge.plugin import JudgePlugin, check_id
from grader.judge.run import Run
from grader.records import CheckResult, Verdict

OUTER_BELT_S = 300
"""pytest-timeout's bound on one check, in real seconds: a belt around every other limit."""
UNUSED = (
    "assertion", "cacheprovider", "capture", "debugging", "doctest", "faulthandler", "junitxml",
    "legacypath", "logging", "pastebin", "recwarn", "reports", "setuponly", "setupplan", "stepwise",
    "subtests", "terminal", "threadexception", "tmpdir", "unittest", "unraisableexception", "warnings",
)  # fmt: skip
"""pytest's own plugins that a judge has no use for; some would look into, or write, what is around."""


PLUGINS = (pytest_asyncio.plugin, pytest_timeout)
"""Named to pytest as modules: for a name it would look into everything that is installed."""


def arguments(suite: Path) -> list[str]:
    """What pytest is told beside `PLUGINS`: nothing foreign takes part, and nothing is written."""
    return [
        "--noconftest",
        "--disable-plugin-autoload",
        # A module is named by its path below the root: two suites of one name are two modules.
        *("-c", os.devnull, f"--rootdir={suite.absolute().anchor}", "--import-mode=importlib"),
        f"--confcutdir={suite.absolute().parent}",  # and no folder above is walked
        *("--asyncio-mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"),
        *(f"--timeout={OUTER_BELT_S}", "-o", "timeout_func_only=true"),
        str(suite),
    ]


class _Terse:
    """A plugin: reports without pytest's drawing of the traceback, which nobody here reads and which
    would cost more than the check that failed."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport:
        outcome: Literal["passed", "failed", "skipped"] = "passed"
        if call.excinfo is not None:
            outcome = "skipped" if call.excinfo.errisinstance(pytest.skip.Exception) else "failed"
        return pytest.TestReport(
            item.nodeid,
            item.location,
            keywords={},
            outcome=outcome,
            longrepr=None,
            when=call.when if call.when != "collect" else "call",
        )


class Suite:
    """An open pytest session over one suite."""

    def __init__(self, path: Path) -> None:
        """Raises BadInput for a suite that is not there or cannot be imported."""
        self._plugin = JudgePlugin()
        unused = [word for name in UNUSED for word in ("-p", f"no:{name}")]
        output = io.StringIO()
        with undisturbed(), contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            try:
                self._config = _prepareconfig([*unused, *arguments(path)], [*PLUGINS, self._plugin, _Terse()])
                self._session = pytest.Session.from_config(self._config)
                self._config._do_configure()
                self._config.hook.pytest_sessionstart(session=self._session)
                self._config.hook.pytest_collection(session=self._session)
            except pytest.UsageError as error:
                raise BadInput(f"The suite {path} cannot be run: {error}") from None
        if self._plugin.collect_errors or not self._session.items:
            detail = "\n".join(self._plugin.collect_errors) or "it holds no checks"
            raise BadInput(f"The suite {path} cannot be run: {detail}")
        gc.freeze()
        gc.enable()

    @property
    def items(self) -> list[pytest.Item]:
        """What was collected: an item per check, or several where a check is explored."""
        return self._session.items

    def not_run(self, verdict: Verdict, why: str) -> Iterator[CheckResult]:
        """A result of that verdict for every check, without a run."""
        for item in {check_id(item): item for item in self.items}.values():
            yield self._plugin.not_run(item, verdict, why)

    def run(self, run: Run, only: Collection[str] = (), stop_at_failure: bool = False) -> None:
        """Take a submission through the suite; results are in `run`. `only` names checks; () for all."""
        self._plugin.begin(run)
        with undisturbed():
            self._run(only, stop_at_failure)

    def _run(self, only: Collection[str], stop_at_failure: bool) -> None:
        # Garbage is collected between submissions only: never in a check, and never pytest's own heap.
        gc.disable()
        try:
            self._run_items(only, stop_at_failure)
        finally:
            gc.enable()
            gc.collect()

    def _run_items(self, only: Collection[str], stop_at_failure: bool) -> None:
        items = [item for item in self.items if not only or check_id(item) in only]
        for item, following in zip_longest(items, items[1:]):  # none at all, where `only` names none of them
            if not self._plugin.is_settled(item):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if stop_at_failure and not self._plugin.run.results[check_id(item)].passed:
                    return

    def close(self) -> None:
        """End the session as pytest does."""
        self._config.hook.pytest_sessionfinish(session=self._session, exitstatus=0)
        self._config._ensure_unconfigure()


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """No environment reaches pytest, and no warning a verdict; and nothing is written beside a suite."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PYTEST_")}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.environ.update(hidden)
        sys.dont_write_bytecode = before
