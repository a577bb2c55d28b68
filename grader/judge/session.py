"""One submission through one suite: pytest in this process, guests beside it, a judgement out.

What takes long to import (asyncio and the simulated machine, pytest, the misconceptions) is imported
where it is first used, so that the zygote, the other long start, comes up at the same time.
"""

from __future__ import annotations

import gc
import hashlib
import platform
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

import grader
from grader.errors import BadInput
from grader.judge.cpu_affinity import on_one_core
from grader.judge.launch import GuestLauncher, launcher
from grader.records import CheckResult, Judgement, Kata, Record, Submission, Verdict
from grader.wire.control import NO_GUEST, SandboxStatus

if TYPE_CHECKING:
    from grader.judge.run import Run
    from grader.judge.suite import Suite


STALLED_TRIES = 3
"""What sleeps for real does so every time; a machine short of CPU only looks like it now and then."""


UNTOUCHED_TEXT = "Your file is still the stub, unchanged: code that works, and blocks."


def is_untouched(kata: Kata, submission: Submission) -> bool:
    """Whether a submission is the kata's stub, but for line ends and blanks at the end of lines."""
    try:
        stub = (kata.folder / "stub.py").read_bytes()
    except OSError:
        return False
    return _lines(stub) == _lines(submission.source)


def _lines(source: bytes) -> list[bytes]:
    return [line.rstrip() for line in source.strip().splitlines()]


class Options(Record, frozen=True):
    """How to judge. The same for every submission of a batch."""

    seed: int = 0
    clock: str = "virtual"
    isolation: str = "best"
    """`full`, `best` or `none`: what a guest is shut in with."""
    fault: str | None = None
    """The one fault to run swept checks with; None for all."""
    suite: Path | None = None
    """An instructor's own suite instead of the kata's."""
    explain: bool = True
    """Draw each failed check, and look for the misconception behind it."""
    stop_at_failure: bool = False
    """Leave out the checks after the first that fails."""
    draw_passed: bool = False
    """With `explain`, draw the checks that passed too."""


class Judge:
    """Judges submissions one after another, keeping zygotes warm and suites collected."""

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self._launchers: dict[tuple[str, ...], GuestLauncher] = {}
        self._suites: dict[Path, Suite] = {}
        self.on_progress: Callable[[], None] = lambda: None
        """Called now and then while it judges, for whoever watches that it does not hang."""
        self.out_of_memory = False
        """Whether this process had no memory left while it judged the latest submission."""

    def __enter__(self) -> Judge:
        # Until a suite is open there are imports only, which leave no garbage worth looking for.
        gc.disable()
        self._launcher(())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        for suite in self._suites.values():
            suite.close()
        for source in self._launchers.values():
            source.close()
        self._suites.clear()
        self._launchers.clear()
        gc.enable()

    def _launcher(self, requires: tuple[str, ...]) -> GuestLauncher:
        known = self._launchers.get(requires)
        if known is not None and not known.is_alive:
            known.close()
            known = None
        if known is None:
            known = self._launchers[requires] = self._new_launcher(requires)
        return known

    def _new_launcher(self, requires: tuple[str, ...]) -> GuestLauncher:
        if self.options.clock == "virtual":
            return launcher(requires)
        from grader.judge.realtime import RealLauncher

        return RealLauncher()

    def _suite(self, path: Path) -> Suite:
        from grader.judge.suite import Suite

        if path not in self._suites:
            self._suites[path] = Suite(path)
        return self._suites[path]

    def judge(
        self,
        kata: Kata,
        submission: Submission,
        on_check: Callable[[CheckResult], None] | None = None,
        *,
        checks: tuple[str, ...] = (),
        seed: int | None = None,
    ) -> Judgement:
        """Judge one submission. Never raises for anything that the submission does.

        `on_check` is told of each check's result as it comes; `checks` names those to run, () for
        all; `seed` takes the place of the options'. Raises BadInput for a suite that cannot be found or
        imported.
        """
        started_s = time.monotonic()
        seed = self.options.seed if seed is None else seed
        self._launcher(kata.requires).expect(self.options.isolation, kata.limits)
        suite = self._suite(self.options.suite or kata.suite)
        if is_untouched(kata, submission):
            untouched = tuple(suite.not_run(Verdict.UNTOUCHED, UNTOUCHED_TEXT))
            return self._judgement(kata, submission, seed, untouched, started_s)
        for _ in range(STALLED_TRIES):
            run = self._new_run(kata, submission, seed, on_check=on_check, on_progress=self.on_progress)
            with on_one_core() if self.options.clock == "virtual" else nullcontext():
                suite.run(run, checks, self.options.stop_at_failure)
                run.guests.close()
            # What has had its real time once is for the engine to judge again, alone.
            is_over_wall = time.monotonic() - started_s > kata.limits.wall_s
            if run.given_up is not Verdict.STALLED or is_over_wall:
                break
        self.out_of_memory = run.out_of_memory
        results = run.results.values()
        if self.options.fault and not run.fault_met and all(check.passed for check in results):
            raise BadInput(
                f"No check of kata {kata.number} meets the fault {self.options.fault} with this file.",
                advice="`kata check --json` names the faults that checks have failed under.",
            )
        explained = _drawn_within_bounds(self._explained(check, run) for check in results)
        return self._judgement(kata, submission, seed, explained, started_s, run.guests.entered)

    def _judgement(
        self,
        kata: Kata,
        submission: Submission,
        seed: int,
        checks: tuple[CheckResult, ...],
        started_s: float,
        entered: SandboxStatus = NO_GUEST,
    ) -> Judgement:
        return Judgement(
            number=kata.number,
            slug=kata.slug,
            title=kata.title,
            seed=seed,
            checks=checks,
            isolation=entered.isolation,
            isolation_missing=entered.missing,
            elapsed_wall_ms=round((time.monotonic() - started_s) * 1000),
            python=platform.python_version(),
            grader=grader.__version__,
            suite_digest=suite_digest(kata, self.options.suite),
            submission_sha256=submission.sha256,
        )

    def _new_run(self, kata: Kata, submission: Submission, seed: int, **more: Any) -> Run:
        from grader.judge.run import Run

        if self.options.clock == "real":
            from grader.judge.realtime import SETTING

            more["setting"] = SETTING
        source, level = self._launcher(kata.requires), self.options.isolation
        more["fault"] = self.options.fault
        if self.options.suite is None:  # a suite of somebody's own may call other functions
            more["entry_points"] = kata.entry_points
        return Run(kata, submission, source, seed=seed, level=level, **more)

    def _explained(self, check: CheckResult, run: Run) -> CheckResult:
        """The result with what the guest noted and the judge saw drawn and diagnosed."""
        self.on_progress()
        history = run.histories.get(check.id)
        left_out = _UNEXPLAINED if self.options.draw_passed else _UNEXPLAINED | {Verdict.ACCEPTED}
        explains = self.options.explain and self.options.clock == "virtual"
        if history is None or not explains or check.verdict in left_out:
            return check
        from grader.judge.explain import explained

        source = run.submission.source.decode("utf-8", "replace")
        try:
            return explained(check, history, source, run.kata.entry_points)
        except MemoryError:  # What has been found stands without its drawing.
            return check


MOST_SPANS = 10_000
"""Of all drawings of a judgement: it is stored with them."""


def _drawn_within_bounds(checks: Iterable[CheckResult]) -> tuple[CheckResult, ...]:
    """The results; once their drawings have come to `MOST_SPANS`, those that follow have none."""
    found, spans = [], 0
    for check in checks:
        spans += sum(len(one.spans) for one in (check.timeline, check.best) if one is not None)
        is_drawn = spans <= MOST_SPANS
        found.append(check if is_drawn else msgspec.structs.replace(check, timeline=None, best=None))
    return tuple(found)


_UNEXPLAINED = {Verdict.NOT_LOADABLE, Verdict.STALLED}
"""There is nothing to draw."""


def run_pytest(kata: Kata, submission: Submission, options: Options, more: list[str]) -> int:
    """The same run with pytest's own output, for authors; returns pytest's exit code."""
    source = launcher(kata.requires)
    try:
        import pytest

        from grader.judge.plugin import JudgePlugin
        from grader.judge.run import Run
        from grader.judge.suite import PLUGINS, arguments, undisturbed

        plugin = JudgePlugin()
        plugin.begin(Run(kata, submission, source, seed=options.seed, level=options.isolation))
        shown = ["--assert=plain", "--capture=no", *more]
        with undisturbed():
            told = [*arguments(options.suite or kata.suite), *shown]
            return int(pytest.main(told, plugins=[*PLUGINS, plugin]))
    finally:
        source.close()


def suite_digest(kata: Kata, suite: Path | None = None) -> str:
    """What a judgement depends on besides the submission: the suite's text and the kata's limits."""
    path = suite or kata.suite
    digest = hashlib.sha256()
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    digest.update(msgspec.json.encode(kata.limits))
    return digest.hexdigest()
