"""Grades a class: what `kata grade` does. `grade` is the list of its steps.

Stopped anywhere, by Ctrl-C or a power cut, the next run goes on where this one stopped.
"""

from __future__ import annotations

import functools
import importlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import replace

from grader.catalog import Catalog, load_catalog
from grader.engine.cluster import DaskEngine
from grader.engine.jobs import Setup
from grader.engine.local import Engine, Failed, LocalPool, try_suites
from grader.engine.scheduler import Tls
from grader.errors import BadInput, IsolationRefused, JudgeError
from grader.grading.events import Event, Judged, Noticed, Planned, Summary
from grader.grading.given import refuse_other
from grader.grading.keys import Key, error_judgement, submission_seed
from grader.grading.marks import problem_of
from grader.grading.plan import (
    RejudgeRules,
    SeedOf,
    Todo,
    count_waiting,
    jobs_of,
    needs_judging,
    refuse_nobody,
    unique_submissions,
    why_look_at,
)
from grader.grading.register import IntakeSnapshot, origin_of
from grader.grading.scope import Scope
from grader.grading.store import Graded, Store, open_store
from grader.guest.sandbox import probe
from grader.intake import Problem, Student, read_intake
from grader.intake.bounds import LINES, further
from grader.records import Isolation, Judgement, Kata, Record, Verdict


class GradeRequest(Record, frozen=True):
    """What to grade and how. Paths may be relative to where the run was started."""

    path: Path
    store: Path
    katas: tuple[str, ...] = ()
    """Names of the katas to grade; all without."""
    only: tuple[str, ...] = ()
    """Students by id, name or e-mail, `*` standing for anything; all without."""
    failed: bool = False
    """Judge those again that were not accepted."""
    again: bool = False
    """Judge all again, known or not."""
    jobs: int | None = None
    dask: str | None = None
    """Address of a dask scheduler, in place of this machine."""
    tls: Tls | None = None
    isolation: str = "full"
    seed: int | None = None
    """One for all submissions, and known to whoever knows it; by default each has its own."""
    suite: Path | None = None
    """An instructor's own: a folder of suites, or one suite for the one kata that is graded."""
    katas_folder: Path | None = None
    roster: Path | None = None
    pattern: str | None = None
    layout: str | None = None
    late_policy: Path | None = None
    """Under which marks are written afterwards; here it is only remembered."""
    forget: tuple[str, ...] = ()
    """Options whose value the store is to forget (`given.OPTIONS`)."""
    command: tuple[str, ...] = ()
    """How the run was called, for messages that say how to call it."""
    judge: str = "grader.judge:Judge"
    """Where the judge is found; tests put a fake in its place."""


MakeEngine = Callable[[Setup, Sequence[Todo]], Engine]


class Plan(NamedTuple):
    """What a run is about, known before anything is judged."""

    todos: Sequence[Todo]
    """All in scope, each file once."""
    unjudged: Sequence[Todo]
    known: Sequence[Todo]
    waiting: int
    """Out of scope and not judged yet."""


def grade(
    request: GradeRequest, on_event: Callable[[Event], None], make_engine: MakeEngine | None = None
) -> Summary:
    """Grades what is at `request.path` into `request.store`, telling `on_event` as it goes.

    Runs in the calling thread; `on_event` is called in it. Raises BadInput and its kinds for what
    cannot be graded, IsolationRefused where the machine falls short of what was asked for, and
    JudgeError when no judge can be started. KeyboardInterrupt passes through, all processes ended.
    """
    refuse_weak_isolation(request.isolation)
    catalog, wanted = _katas(request)
    reading = _read(request, catalog, wanted)
    setup = _setup(request)
    notices = _Notices(on_event)
    with open_store(request.store) as store:
        _refuse_other(request, store)
        reading = _with_left(reading, store.left_of_other_formats(reading))
        refuse_nobody(reading.intake.handins, reading.scope, store, reading.origin)
        graded = _try_suites(request, setup, reading, catalog, store)  # while the store is as it was
        _record(request, reading, graded, store)
        plan = _plan(request, setup, reading, catalog, store)
        _report_notices(reading, plan, store, notices)
        engine = (make_engine or functools.partial(_engine, request))(setup, plan.unjudged)
        on_event(_planned(reading, plan, engine))
        missing = reading.intake.missing
        del reading  # the bytes are in the store: from here on memory does not grow with the class
        for done, (judgement, todo) in enumerate(_judge(plan, engine, store), start=1):
            why = why_look_at(judgement, request.isolation)
            store.put(judgement, why)  # on the disk before anybody is told
            on_event(_judged(judgement, todo, done, len(plan.unjudged)))
            if why:
                notices.add(problem_of(todo.kata, todo.students, why))
        notices.add_counts()
        return _summary(request, plan, store, notices.count, missing)


# -- read ------------------------------------------------------------------------------------------
def _katas(request: GradeRequest) -> tuple[Catalog, list[Kata]]:
    """All katas, and those to grade. Raises BadInput for a suite that cannot be theirs."""
    suites = request.suite if request.suite and request.suite.is_dir() else None
    catalog = load_catalog(request.katas_folder, suites)
    wanted = [catalog.find(name) for name in request.katas] or list(catalog.katas)
    _refuse_bad_suite(request.suite, wanted)
    return catalog, wanted


def _read(request: GradeRequest, catalog: Catalog, wanted: Sequence[Kata]) -> IntakeSnapshot:
    intake = read_intake(
        request.path,
        catalog.katas,
        wanted=wanted,
        layout=request.layout,
        roster=request.roster,
        pattern=request.pattern,
    )
    return IntakeSnapshot(
        intake=intake,
        origin=origin_of(request.path),
        scope=Scope(names=request.only, slugs=frozenset(kata.slug for kata in wanted)),
        has_roster=intake.has_roster,
        pattern=request.pattern or "",
    )


def _with_left(reading: IntakeSnapshot, left: Iterable[Problem]) -> IntakeSnapshot:
    intake = replace(reading.intake, problems=(*reading.intake.problems, *left))
    return replace(reading, intake=intake)


def _refuse_other(request: GradeRequest, store: Store) -> None:
    command = request.command or ("kata", "grade", str(request.path), "--store", str(request.store))
    refuse_other(str(request.store), store.given(), _given(request), request.forget, command)


def _given(request: GradeRequest) -> dict[str, str]:
    """What this run was given of what a store remembers."""
    paths = {
        "roster": request.roster,
        "suite": request.suite,
        "katas": request.katas_folder,
        "late-policy": request.late_policy,
    }
    return {name: origin_of(path) for name, path in paths.items() if path is not None}


def _refuse_bad_suite(suite: Path | None, wanted: Sequence[Kata]) -> None:
    """Raises BadInput for a suite that is not there, or is one file for several katas."""
    if suite is None or suite.is_dir():
        return
    if not suite.is_file():
        raise BadInput(f"There is no suite at {suite}.", advice="Name a file, or a folder of suites.")
    if len(wanted) != 1:
        raise BadInput(
            f"{suite} is one suite, and {len(wanted)} katas are graded.",
            advice="Name the kata with --kata, or give a folder of suites.",
        )


def refuse_weak_isolation(asked: str) -> None:
    """Raises IsolationRefused when full isolation was asked for and this machine has less."""
    if asked != "full":
        return
    reached = probe()
    if reached.isolation is not Isolation.FULL:
        raise IsolationRefused(
            f"This machine cannot fully sandbox submissions: {'; '.join(reached.missing)}.",
            advice="Run `kata doctor` for details. For code that you trust, add --isolation best.",
        )


# -- plan ------------------------------------------------------------------------------------------
def _setup(request: GradeRequest) -> Setup:
    own = str(request.suite.resolve()) if request.suite else None
    in_folder = request.suite is not None and request.suite.is_dir()
    return Setup(
        isolation=request.isolation,
        suite=None if in_folder else own,
        suites=own if in_folder else None,
        katas=str(request.katas_folder.resolve()) if request.katas_folder else None,
        judge=request.judge,
    )


def _digest(setup: Setup, kata: Kata) -> str:
    suite = Path(setup.suite) if setup.suite else None
    if not (suite or kata.suite).is_file():
        raise BadInput(f"Kata {kata.slug} has no suite at {kata.suite}.")
    module: Any = importlib.import_module(setup.judge.partition(":")[0])
    digest: str = module.suite_digest(kata, suite)
    return digest


def _try_suites(
    request: GradeRequest, setup: Setup, reading: IntakeSnapshot, catalog: Catalog, store: Store
) -> list[Graded]:
    """The katas of this run, with their points. Raises BadInput for a suite that cannot be run."""
    named = {catalog.find(name).slug for name in request.katas}
    inside, _ = reading.scope.split(reading.intake.handins)
    slugs = sorted(named | {handin.slug for handin in inside})
    digests = {slug: _digest(setup, catalog.find(slug)) for slug in slugs}
    before = store.graded()
    known = {slug for slug in slugs if slug in before and before[slug].suite_digest == digests[slug]}
    points = {slug: before[slug].points for slug in known}
    points |= try_suites(setup, set(slugs) - known)
    return [
        Graded(slug=slug, suite_digest=digests[slug], points=points[slug], named=slug in named)
        for slug in slugs
    ]


def _record(request: GradeRequest, reading: IntakeSnapshot, graded: list[Graded], store: Store) -> None:
    """What was read, and with what: all that a rerun goes on from."""
    store.remember(_given(request), request.forget)
    store.take(reading)
    store.note_graded(graded)


def _plan(
    request: GradeRequest, setup: Setup, reading: IntakeSnapshot, catalog: Catalog, store: Store
) -> Plan:
    """What is known and what is to be judged. What is known becomes current again."""
    seed_of, digest = _seeds(request, store), functools.partial(_digest, setup)
    inside, others = reading.scope.split(reading.intake.handins)
    todos = unique_submissions(inside, catalog.katas, digest, seed_of)
    rules = RejudgeRules(isolation=request.isolation, failed=request.failed, again=request.again)
    unjudged = [todo for todo in todos if needs_judging(todo, store, rules)]
    waiting = {todo.key for todo in unjudged}
    known = [todo for todo in todos if todo.key not in waiting]
    store.set_current(todo.key for todo in known)
    elsewhere = unique_submissions(others, catalog.katas, digest, seed_of)
    return Plan(
        todos=todos,
        unjudged=unjudged,
        known=known,
        waiting=count_waiting(elsewhere, store, RejudgeRules(isolation=request.isolation)),
    )


def _seeds(request: GradeRequest, store: Store) -> SeedOf:
    """Where this run's seeds come from: the store's secret, unless it was given one for all."""
    if (given := request.seed) is not None:
        return lambda slug, source: given
    return functools.partial(submission_seed, store.secret())


def _engine(request: GradeRequest, setup: Setup, todos: Sequence[Todo]) -> Engine:
    """The cluster that was named, or this machine."""
    if request.dask is None:
        return LocalPool(setup, request.jobs)
    digests = {todo.key.slug: todo.key.suite_digest for todo in todos}
    return DaskEngine(setup, request.dask, digests, request.tls)


# -- judge -----------------------------------------------------------------------------------------
def _judge(plan: Plan, engine: Engine, store: Store) -> Iterator[tuple[Judgement, Todo]]:
    """Each judgement as it comes: the judge's, if it is of what we asked, else one of our error."""
    by_place = {(todo.key.slug, todo.key.sha256): todo for todo in plan.unjudged}
    with closing(engine.run(jobs_of(plan.unjudged, store))) as results:
        for result in results:
            if isinstance(result, Failed):
                todo = by_place[result.job.slug, result.job.sha256]
                yield _failed(todo, result, store), todo
                continue
            place = result.slug, result.submission_sha256
            if place not in by_place:
                raise JudgeError(f"The engine {engine.name} judged what it was not asked to.")
            yield _checked(result, by_place[place]), by_place[place]


def _checked(judgement: Judgement, todo: Todo) -> Judgement:
    if Key.of(judgement) == todo.key:
        return judgement
    why = "it was judged by another suite, grader, Python or seed than ours"
    return error_judgement(todo.key, todo.kata.number, todo.kata.title, why)


def _failed(todo: Todo, failed: Failed, store: Store) -> Judgement:
    verdict = failed.counts_as
    # What is our error has no points, which are not to be taken for a mark.
    points = 0 if verdict is Verdict.JUDGE_ERROR else store.graded()[todo.key.slug].points
    kata = todo.kata
    return error_judgement(todo.key, kata.number, kata.title, failed.why, verdict=verdict, max_points=points)


# -- report ----------------------------------------------------------------------------------------
class _Notices:
    """Reports the first few problems of each student, and counts the others."""

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._reported: dict[str, int] = {}
        """Student's id: how many lines were reported of them."""
        self._more: dict[str, int] = {}
        self.count = 0
        """Lines reported."""

    def add(self, problem: Problem) -> None:
        student_id, count = problem.student_id, problem.more
        if student_id and not count:
            self._reported[student_id] = self._reported.get(student_id, 0) + 1
            count = int(self._reported[student_id] > LINES)
        if student_id and count:
            self._more[student_id] = self._more.get(student_id, 0) + count
        else:
            self._report(problem)

    def add_counts(self) -> None:
        """How many problems of each student were not reported."""
        for student_id, more in self._more.items():
            self._report(further(student_id, student_id, more))

    def _report(self, problem: Problem) -> None:
        self.count += 1
        self._on_event(Noticed(problem=problem))


def _report_notices(reading: IntakeSnapshot, plan: Plan, store: Store, notices: _Notices) -> None:
    """What an instructor has to know before anything is judged."""
    for problem in reading.intake.problems:
        notices.add(problem)
    for withdrawn in store.withdrawn():
        here = withdrawn.origin == reading.origin
        if here and reading.scope.covers(withdrawn.student, withdrawn.slug):
            notices.add(withdrawn.problem)
    for todo in plan.known:
        judged = store.known(todo.key)
        if judged is not None and judged.notice:
            notices.add(problem_of(todo.kata, todo.students, judged.notice))


def _planned(reading: IntakeSnapshot, plan: Plan, engine: Engine) -> Planned:
    inside, _ = reading.scope.split(reading.intake.handins)
    return Planned(
        format=reading.intake.format,
        students=len({student for todo in plan.todos for student in todo.students}),
        handins=len(inside),
        to_judge=len(plan.unjudged),
        known=len(plan.known),
        engine=engine.name,
        missing=reading.intake.missing,
    )


def _judged(judgement: Judgement, todo: Todo, done: int, total: int) -> Judged:
    return Judged(
        slug=judgement.slug,
        students=todo.students,
        verdict=judgement.verdict,
        points=judgement.points,
        max_points=judgement.max_points,
        done=done,
        total=total,
    )


def _summary(
    request: GradeRequest, plan: Plan, store: Store, problems: int, missing: tuple[Student, ...]
) -> Summary:
    """What is known of everything in question, now that all is judged."""
    verdicts: Counter[str] = Counter()
    isolation: Counter[str] = Counter()
    for todo in plan.todos:
        if (known := store.known(todo.key)) is not None:
            verdicts[known.verdict.value] += len(todo.students)
            isolation[known.isolation.value] += len(todo.students)
    return Summary(
        handins=sum(len(todo.students) for todo in plan.todos),
        judged=len(plan.unjudged),
        known=len(plan.todos) - len(plan.unjudged),
        verdicts=dict(verdicts),
        isolation=dict(isolation),
        problems=problems,
        waiting=plan.waiting,
        missing=missing,
        seed=request.seed,
    )
