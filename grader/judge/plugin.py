"""The pytest side of the judge: loop, fixtures and marks for suites, and results from pytest's hooks."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest
import pytest_asyncio

from grader.judge import verdicts
from grader.judge.explain import history_of
from grader.judge.guest import Guest
from grader.judge.launch import Launcher
from grader.judge.net import Net
from grader.judge.remote import RemoteKata
from grader.judge.verdicts import Outcome
from grader.judge.world import World
from grader.records import CheckResult, History, Isolation, Kata, Submission, Verdict
from grader.wire import Load

MODULE_NAME = "solution"


class Clock:
    """The `clock` fixture: the virtual clock, to read."""

    def __init__(self, world: World) -> None:
        self._kernel = world.kernel

    @property
    def now_ns(self) -> int:
        return self._kernel.now_ns


class JudgePlugin:
    """Runs one submission through one suite; `results` holds a `CheckResult` per check."""

    def __init__(
        self,
        kata: Kata,
        submission: Submission,
        launcher: Launcher,
        *,
        seed: int,
        level: str,
        tracing: bool = False,
        only: Mapping[str, int | None] | None = None,
        on_check: Callable[[CheckResult], None] | None = None,
    ) -> None:
        self.subject, self.submission, self.launcher = kata, submission, launcher
        self.seed, self.level, self.tracing, self.only = seed, level, tracing, only
        self.on_check = on_check
        self.results: dict[str, CheckResult] = {}
        self.histories: dict[str, History] = {}
        self.isolation = Isolation.NONE
        self.missing: tuple[str, ...] = ("no guest was started",)
        self.collect_errors: list[str] = []
        self._world: World | None = None
        self._guest: Guest | None = None
        self._kata: RemoteKata | None = None
        self._net: Net | None = None
        self._outcome: Outcome | None = None
        self._given_up: Verdict | None = None
        self._item_seed: dict[str, int | None] = {}

    # -- collecting --------------------------------------------------------------------------------
    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "points(count): what a check is worth")
        config.addinivalue_line("markers", "explore(seeds): run a check under that many seeds")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        mark = metafunc.definition.get_closest_marker("explore")
        if mark is None:
            return
        metafunc.fixturenames.append("explored_seed")
        chosen = (self.only or {}).get(metafunc.definition.name)
        seeds = range(self.seed, self.seed + mark.args[0]) if chosen is None else [chosen]
        metafunc.parametrize("explored_seed", seeds, indirect=True)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self.only is not None:
            items[:] = [item for item in items if check_id(item) in self.only]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.collect_errors.append(str(report.longrepr))

    def pytest_asyncio_loop_factories(self) -> dict[str, Callable[[], Any]]:
        return {"simulated": lambda: self._require_world().loop}

    # -- one check ---------------------------------------------------------------------------------
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        name = check_id(item)
        if name in self.results and not self.results[name].passed:
            pytest.skip("an earlier seed failed already")
        if self._given_up is not None:
            self.results[name] = not_run(name, item, self._given_up)
            pytest.skip("an earlier check cost its whole limit already")
        explored = getattr(item, "callspec", None)
        self._item_seed[name] = explored.params.get("explored_seed") if explored else None
        seed = self._item_seed[name]
        self._world = World(f"{self.seed if seed is None else seed} {name}")
        self._outcome = Outcome()

    def _require_world(self) -> World:
        assert self._world is not None, "made before each check's fixtures"
        return self._world

    @pytest.fixture
    def explored_seed(self, request: pytest.FixtureRequest) -> int:
        return int(request.param)

    @pytest_asyncio.fixture
    async def kata(self) -> AsyncIterator[RemoteKata]:
        """The learner's module in a fresh guest, loaded; inspected after the check."""
        world = self._require_world()
        child = self.launcher.launch(self.level, self.subject.limits)
        guest = self._guest = Guest(child, self.subject.limits, world.kernel)
        world.attach(guest)
        remote = self._kata = RemoteKata(guest)
        submission = self.submission
        await verdicts.loaded(
            remote, Load(submission.source, submission.filename, MODULE_NAME, self.tracing)
        )
        yield remote
        await verdicts.assert_nothing_left(remote)

    @pytest_asyncio.fixture
    async def net(self, kata: RemoteKata) -> AsyncIterator[Net]:
        """The judge's side of the network."""
        net = self._net = Net(self._require_world().network, kata.guest)
        yield net
        await net.close()

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock(self._require_world())

    @pytest.fixture
    def rng(self) -> Any:
        """Seeded chance: the same numbers for the same seed and check."""
        return self._require_world().rng

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        report = yield
        if self._outcome is not None and call.excinfo is not None:
            self._outcome.add(call.when or "call", call.excinfo.value)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Any:
        result = yield
        if self._outcome is not None and not self._outcome.skipped:
            check = self._finish(item)
            seeds_left = nextitem is not None and check_id(nextitem) == check.id
            if self.on_check is not None and not (check.passed and seeds_left):
                self.on_check(check)
        self._outcome = None
        return result

    def _finish(self, item: pytest.Item) -> CheckResult:
        assert self._outcome is not None
        name = check_id(item)
        if self._guest is not None:
            self._guest.close()
            self.isolation, self.missing = self._guest.isolation, self._guest.missing
        result = verdicts.check_result(
            name,
            title=title_of(item),
            max_points=worth_of(item),
            outcome=self._outcome,
            guest=self._guest,
            kata=self._kata,
            exchanges=self._net.exchanges if self._net else (),
            seed=self._item_seed.get(name),
        )
        if self._guest is not None:
            self.histories[name] = history_of(self._guest, self._net.exchanges if self._net else ())
        if self._world is not None:
            self._world.end()
        self._world = self._guest = self._kata = self._net = None
        self.results[name] = result
        if result.verdict in (Verdict.TIME_LIMIT, Verdict.STALLED):
            self._given_up = result.verdict
        return result


def check_id(item: pytest.Item) -> str:
    """The pytest function's own name, without parameters."""
    return str(getattr(item, "originalname", None) or item.name)


def title_of(item: pytest.Item) -> str:
    """The first line of the check's docstring, shown to learners."""
    text = inspect.getdoc(getattr(item, "obj", None)) or check_id(item).removeprefix("test_")
    return text.strip().splitlines()[0].rstrip(".")


def worth_of(item: pytest.Item) -> float:
    """The check's points."""
    mark = item.get_closest_marker("points")
    return mark.args[0] if mark else 1


def not_run(name: str, item: pytest.Item, verdict: Verdict) -> CheckResult:
    """The result of a check left out because an earlier one used up a whole limit: one is enough."""
    return CheckResult(
        id=name,
        title=title_of(item),
        verdict=verdict,
        points=0,
        max_points=worth_of(item),
        rationale="Not run: an earlier check ended at its limit.",
    )
