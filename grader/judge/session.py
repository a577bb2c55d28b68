"""One submission through one suite: pytest in this process, guests beside it, a judgement out."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import pytest

import grader
from grader.errors import BadInput
from grader.judge.explain import explained
from grader.judge.launch import Launcher, launcher
from grader.judge.plugin import JudgePlugin
from grader.records import CheckResult, Judgement, Kata, Record, Submission, Verdict

OUTER_BELT_S = 300
"""pytest-timeout's bound on one check, in real seconds: a belt around every other limit."""


class Options(Record, frozen=True):
    """How to judge. The same for every submission of a batch."""

    seed: int = 0
    clock: str = "virtual"
    isolation: str = "best"
    """`full`, `best` or `none`: what a guest is shut in with."""
    suite: Path | None = None
    """An instructor's own suite instead of the kata's."""
    trace: bool = True
    """Run each failed check a second time with tracing on, to draw and explain it."""


class Judge:
    """Judges submissions one after another, with one warm zygote per set of required packages."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self._launchers: dict[tuple[str, ...], Launcher] = {}

    def __enter__(self) -> Judge:
        self._launcher(())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        for each in self._launchers.values():
            each.close()
        self._launchers.clear()

    def _launcher(self, requires: tuple[str, ...]) -> Launcher:
        if requires not in self._launchers:
            self._launchers[requires] = launcher(requires)
        return self._launchers[requires]

    def judge(
        self, kata: Kata, submission: Submission, on_check: Callable[[CheckResult], None] | None = None
    ) -> Judgement:
        """Judge one submission. Never raises for anything that the submission does.

        `on_check` is told of each check's result as it comes. Raises BadInput for a suite that
        cannot be found or imported.
        """
        started_s = time.monotonic()
        suite = self.options.suite or kata.suite
        first = self._run(kata, submission, suite, on_check=on_check)
        checks = list(first.results.values())
        if self.options.trace and any(not check.passed for check in checks):
            checks = self._explain(kata, submission, suite, checks)
        return Judgement(
            number=kata.number,
            slug=kata.slug,
            title=kata.title,
            seed=self.options.seed,
            checks=tuple(checks),
            isolation=first.isolation,
            isolation_missing=first.missing,
            elapsed_wall_ms=round((time.monotonic() - started_s) * 1000),
            python=platform.python_version(),
            grader=grader.__version__,
            suite_digest=suite_digest(kata, self.options.suite),
            submission_sha256=submission.sha256,
        )

    def _run(self, kata: Kata, submission: Submission, suite: Path, **more: Any) -> JudgePlugin:
        plugin = JudgePlugin(
            kata,
            submission,
            self._launcher(kata.requires),
            seed=self.options.seed,
            level=self.options.isolation,
            **more,
        )
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            code = pytest.main(arguments(suite), plugins=[plugin])
        if not plugin.results and (plugin.collect_errors or code not in (0, 1)):
            detail = "\n".join(plugin.collect_errors) or output.getvalue()
            raise BadInput(f"The suite {suite.name} cannot be run: {detail.strip()}")
        return plugin

    def _explain(
        self, kata: Kata, submission: Submission, suite: Path, checks: list[CheckResult]
    ) -> list[CheckResult]:
        worth = [check for check in checks if not check.passed and check.verdict is not Verdict.NOT_LOADABLE]
        if not worth:
            return checks
        again = self._run(
            kata, submission, suite, tracing=True, only={check.id: check.seed for check in worth}
        )
        source = submission.source.decode("utf-8", "replace")
        return [
            explained(check, again.histories[check.id], source, kata.entry_points)
            if check.id in again.histories
            else check
            for check in checks
        ]


def run_pytest(kata: Kata, submission: Submission, options: Options, more: list[str]) -> int:
    """The same run with pytest's own output, for authors; returns pytest's exit code."""
    source = launcher(kata.requires)
    try:
        plugin = JudgePlugin(kata, submission, source, seed=options.seed, level=options.isolation)
        told = [*arguments(options.suite or kata.suite, quiet=False), *more]
        return int(pytest.main(told, plugins=[plugin]))
    finally:
        source.close()


def arguments(suite: Path, *, quiet: bool = True) -> list[str]:
    """What pytest is told: nothing foreign takes part, and nothing is written."""
    plain = ["-p", "no:cacheprovider", "--noconftest", "--disable-plugin-autoload", "-c", os.devnull]
    plain += ["-p", "pytest_asyncio.plugin", "-p", "pytest_timeout", "--asyncio-mode=auto"]
    plain += [f"--rootdir={suite.parent}", "--import-mode=importlib", f"--timeout={OUTER_BELT_S}"]
    plain += ["-o", "asyncio_default_fixture_loop_scope=function", "-o", "timeout_func_only=true"]
    if quiet:
        plain += ["-q", "--no-header", "--no-summary", "--tb=no", "-p", "no:logging", "-p", "no:faulthandler"]
    return [*plain, str(suite)]


def suite_digest(kata: Kata, suite: Path | None = None) -> str:
    """What a judgement depends on besides the submission: the suite's text and the kata's limits."""
    path = suite or kata.suite
    digest = hashlib.sha256()
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    digest.update(msgspec.json.encode(kata.limits))
    return digest.hexdigest()


sys.dont_write_bytecode = True  # Suites are read where they lie; a judge writes nothing there.
