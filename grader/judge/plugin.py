"""The pytest side of the judge: loop, fixtures and marks for suites, and results from pytest's hooks.

A plugin belongs to one suite and outlives many submissions: `begin` says whose turn it is, and each
check then makes a world of its own (`Trial`), which is gone before the next check starts.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import pytest_asyncio

from grader import testing
from grader.judge import verdicts
from grader.judge.net import Net
from grader.judge.remote import RemoteKata
from grader.judge.run import Run
from grader.judge.sweeping import Body, Sweep
from grader.judge.trial import Trial
from grader.judge.world import World
from grader.records import CheckResult, Verdict
from grader.testing.faults import Row

if TYPE_CHECKING:  # imported where they are used, which most suites do not
    from grader.sim.children.programs import Programs
    from grader.sim.disk.slowfiles import SlowFiles


class SuiteClock:
    """The `clock` fixture: the virtual clock, to read."""

    def __init__(self, world: World) -> None:
        self._kernel = world.kernel

    @property
    def now_ns(self) -> int:
        return self._kernel.now_ns


class JudgePlugin:
    """See the module's header."""

    def __init__(self) -> None:
        self._run: Run | None = None
        self._trial: Trial | None = None
        self._swept: CheckResult | None = None
        self._stages: dict[str, int] = {}
        self.collect_errors: list[str] = []

    def begin(self, run: Run) -> None:
        """The checks that follow are this run's."""
        self._run = run

    @property
    def run(self) -> Run:
        assert self._run is not None, "begin comes first"
        return self._run

    @property
    def trial(self) -> Trial:
        assert self._trial is not None, "made before each check's fixtures"
        return self._trial

    # -- collecting --------------------------------------------------------------------------------
    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "points(count): what a check is worth")
        config.addinivalue_line("markers", "stage(number): the stage of its kata that a check belongs to")
        config.addinivalue_line("markers", "explore(seeds): run a check under that many seeds")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        mark = metafunc.definition.get_closest_marker("explore")
        if mark is not None:
            metafunc.fixturenames.append("explored_seed")
            # Counted from the run's own seed, which every submission may have another of.
            metafunc.parametrize("explored_seed", range(mark.args[0]), indirect=True)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        mark = item.get_closest_marker("stage")
        self._stages[check_id(item)] = mark.args[0] if mark else 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.collect_errors.append(str(report.longrepr))

    def pytest_asyncio_loop_factories(self) -> dict[str, Callable[[], Any]]:
        return {"simulated": lambda: self.trial.world.loop}

    # -- one check ---------------------------------------------------------------------------------
    def is_settled(self, item: pytest.Item) -> bool:
        """Whether the check needs no run: a seed of it has failed, or what one check found is so for all."""
        run, name = self.run, check_id(item)
        known = run.results.get(name)
        if known is not None and not known.passed:
            return True
        if run.given_up is not None:
            if known is None:
                why = "Not run: an earlier check ended at its limit."
                self._report(self.not_run(item, run.given_up, why))
            return True
        if run.unloadable is not None:
            self._report_unloadable(name, item, run.unloadable)
            return True
        return False

    def not_run(self, item: pytest.Item, verdict: Verdict, why: str) -> CheckResult:
        """The result of a check that is left out."""
        name = check_id(item)
        return CheckResult(
            id=name,
            title=title_of(item),
            stage=self._stages.get(name, 1),
            verdict=verdict,
            points=0,
            max_points=worth_of(item),
            rationale=why,
        )

    def _report_unloadable(self, name: str, item: pytest.Item, tried: str) -> None:
        """What one check has found in loading the file is so for all of them."""
        run = self.run
        if tried in run.histories:
            run.histories[name] = run.histories[tried]
        found = run.results[tried]
        more = {"title": title_of(item), "max_points": worth_of(item), "seed": explored_seed_of(item, run)}
        self._report(msgspec.structs.replace(found, id=name, **more))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Any:
        self.run.on_progress()
        if "sweeping" in getattr(item, "fixturenames", ()):
            done = yield
            if self._swept is not None:
                self._report(self._swept)
            return done
        name, seed = check_id(item), explored_seed_of(item, self.run)
        world = self.run.setting.world(f"{self.run.seed if seed is None else seed} {name}")
        self._trial = Trial(self.run, name, seed, world)
        try:
            with testing.tolerating(self.run.setting.tolerance_ns):
                done = yield
        except BaseException:
            self._finish(item)  # Ctrl-C: the world ends, and nothing is said of the check.
            raise
        left_out = self.trial.outcome.is_left_out()
        check = self._finish(item)
        seeds_left = nextitem is not None and check_id(nextitem) == name
        if not left_out:
            self._report(check, last=not (check.passed and seeds_left))
        elif not seeds_left and name in self.run.results:
            self._report(self.run.results[name])  # as the seeds before have found it
        return done

    @pytest.fixture
    def explored_seed(self, request: pytest.FixtureRequest) -> int:
        return self.run.seed + int(request.param)

    @pytest.fixture
    def sweeping(self, request: pytest.FixtureRequest) -> Callable[[Body, Sequence[Row]], None]:
        """Takes a swept check through all its runs."""
        item = request.node

        def perform(body: Body, rows: Sequence[Row]) -> None:
            sweep = Sweep(
                self.run, check_id(item), body, rows, title=title_of(item), max_points=worth_of(item)
            )
            with testing.tolerating(self.run.setting.tolerance_ns):
                self._swept = sweep.result()

        return perform

    @pytest_asyncio.fixture
    async def kata(self) -> AsyncIterator[RemoteKata]:
        """The learner's module in a fresh guest, loaded; inspected after the check."""
        yield await self.trial.load()
        await self.trial.look_at_what_is_left()

    @pytest.fixture
    def net(self, kata: RemoteKata) -> Net:
        """The judge's side of the network; closed before `kata` looks at what is left."""
        return self.trial.open_net()

    @pytest_asyncio.fixture
    async def programs(self, kata: RemoteKata) -> AsyncIterator[Programs]:
        """Programs that the learner's code can execute: `programs.add("resize", coroutine_function)`."""
        from grader.judge.relay import attach_programs
        from grader.sim.children.programs import Programs

        programs = Programs(self.trial.world.kernel, self.trial.world.loop)
        attach_programs(kata.guest, programs)
        yield programs
        programs.end_all()
        if programs.errors:
            raise programs.errors[0]

    @pytest_asyncio.fixture
    async def files(self, kata: RemoteKata) -> SlowFiles:
        """Slow files under /srv, which is the learner's working folder too: `files.put("a.txt", b"...")`."""
        from grader.judge.relay import attach_files
        from grader.sim.disk.slowfiles import SlowFiles

        files = SlowFiles(self.trial.world.kernel)
        attach_files(kata.guest, files)
        return files

    @pytest.fixture
    def clock(self) -> SuiteClock:
        return SuiteClock(self.trial.world)

    @pytest.fixture
    def rng(self) -> Any:
        """Seeded chance: the same numbers for the same seed and check."""
        return self.trial.world.rng

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        if self._trial is not None and call.excinfo is not None:
            self._trial.outcome.add(call.excinfo.value)
            self.run.out_of_memory |= verdicts.is_out_of_memory(call.excinfo.value)
        return report

    # -- results -----------------------------------------------------------------------------------
    def _finish(self, item: pytest.Item) -> CheckResult:
        """End the trial and fold it into its result."""
        check, _ = self.trial.end(title=title_of(item), max_points=worth_of(item))
        self._trial = None
        return check

    def _report(self, check: CheckResult, *, last: bool = True) -> None:
        run = self.run
        check = msgspec.structs.replace(check, stage=self._stages.get(check.id, 1))
        run.results[check.id] = check
        if check.verdict in (Verdict.TIME_LIMIT, Verdict.MEMORY_LIMIT, Verdict.STALLED):
            run.given_up = check.verdict
        if last and run.on_check is not None:
            run.on_check(check)


def check_id(item: pytest.Item) -> str:
    """The pytest function's own name, without parameters."""
    return str(getattr(item, "originalname", None) or item.name)


def explored_seed_of(item: pytest.Item, run: Run) -> int | None:
    """The seed that an explored check runs under; None for a check that is not explored."""
    callspec = getattr(item, "callspec", None)
    offset = None if callspec is None else callspec.params.get("explored_seed")
    return None if offset is None else run.seed + int(offset)


def title_of(item: pytest.Item) -> str:
    """The first line of the check's docstring, shown to learners."""
    text = inspect.getdoc(getattr(item, "obj", None)) or check_id(item).removeprefix("test_")
    return text.strip().splitlines()[0].rstrip(".")


def worth_of(item: pytest.Item) -> float:
    """The check's points."""
    mark = item.get_closest_marker("points")
    return mark.args[0] if mark else 1
