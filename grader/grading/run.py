"""Grades a class: what `kata grade` does, as a list of named steps.

    refuse weak isolation -> read the katas -> read what was handed in -> try the suites
    -> record it in the store -> plan what is not yet judged -> judge -> store each -> tell

Stopped anywhere, by Ctrl-C or a power cut, the next run goes on where this one stopped.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from grader.catalog import Catalog, load_catalog
from grader.engine.cluster import DaskEngine
from grader.engine.jobs import Setup
from grader.engine.local import Engine, Failed, LocalPool, Result, try_suites
from grader.engine.scheduler import Tls
from grader.errors import BadInput, IsolationRefused, JudgeError
from grader.grading.events import Event, Judged, Noticed, Planned, Summary
from grader.grading.given import refuse_other
from grader.grading.keys import Key, error_judgement, submission_seed
from grader.grading.marks import problem_of
from grader.grading.plan import (
    Anew,
    SeedOf,
    Todo,
    count_waiting,
    in_question,
    jobs_of,
    needs_judging,
    refuse_nobody,
    why_look_at,
)
from grader.grading.register import Reading, origin_of
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


def grade(
    request: GradeRequest, on_event: Callable[[Event], None], make_engine: MakeEngine | None = None
) -> Summary:
    """Grades what is at `request.path` into `request.store`, telling `on_event` as it goes.

    Runs in the calling thread; `on_event` is called in it. Raises BadInput and its kinds for what
    cannot be graded, IsolationRefused where the machine falls short of what was asked for, and
    JudgeError when no judge can be started. KeyboardInterrupt passes through, all processes ended.
    """
    refuse_weak_isolation(request.isolation)
    suites = request.suite if request.suite and request.suite.is_dir() else None
    catalog = load_catalog(request.katas_folder, suites)
    wanted = [catalog.find(name) for name in request.katas] or list(catalog.katas)
    _refuse_bad_suite(request.suite, wanted)
    intake = read_intake(
        request.path,
        catalog.katas,
        wanted=wanted,
        layout=request.layout,
        roster=request.roster,
        pattern=request.pattern,
    )
    reading = Reading(
        intake=intake,
        origin=origin_of(request.path),
        scope=Scope(names=request.only, slugs=frozenset(kata.slug for kata in wanted)),
        has_roster=intake.has_roster,
        pattern=request.pattern or "",
    )
    with open_store(request.store) as store:
        given = _given(request)
        command = request.command or ("kata", "grade", str(request.path), "--store", str(request.store))
        refuse_other(str(request.store), store.given(), given, request.forget, command)
        left = store.left_of_other_formats(reading)
        intake = replace(intake, problems=(*intake.problems, *left))
        reading = replace(reading, intake=intake)
        refuse_nobody(intake.handins, reading.scope, store, reading.origin)
        run = _Run(request, store, on_event, make_engine)
        graded = run.graded(reading, catalog)  # refuses what cannot be run while the store is as it was
        store.remember(given, request.forget)
        store.take(reading)
        store.note_graded(graded)
        run.plan(reading, catalog)
        del (
            intake,
            reading,
            left,
        )  # the bytes are in the store: from here on memory does not grow with the class
        run.judge()
        run.tell_counts()
        return run.summary()


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


def _seeds(request: GradeRequest, store: Store) -> SeedOf:
    """Where this run's seeds come from: the store's secret, unless it was given one for all."""
    if (given := request.seed) is not None:
        return lambda slug, source: given
    return functools.partial(submission_seed, store.secret())


class _Run:
    """One run over one store."""

    def __init__(
        self,
        request: GradeRequest,
        store: Store,
        on_event: Callable[[Event], None],
        make_engine: MakeEngine | None,
    ) -> None:
        self._request = request
        self._store = store
        self._tell = on_event
        self._seed_of = _seeds(request, store)
        own = str(request.suite.resolve()) if request.suite else None
        in_folder = request.suite is not None and request.suite.is_dir()
        self._setup = Setup(
            isolation=request.isolation,
            suite=None if in_folder else own,
            suites=own if in_folder else None,
            katas=str(request.katas_folder.resolve()) if request.katas_folder else None,
            judge=request.judge,
        )
        self._make_engine = make_engine or self._engine_asked_for
        self._engine: Engine
        self._todos: list[Todo] = []
        self._unjudged: list[Todo] = []
        self._missing: tuple[Student, ...] = ()
        self._told: dict[str, int] = {}
        """Student's id: how many lines were told of them."""
        self._untold: dict[str, int] = {}
        self._problems = 0
        self._waiting = 0

    def graded(self, reading: Reading, catalog: Catalog) -> list[Graded]:
        """The katas of this run, with their points. Raises BadInput for a suite that cannot be run."""
        named = {catalog.find(name).slug for name in self._request.katas}
        inside, _ = reading.scope.split(reading.intake.handins)
        slugs = sorted(named | {handin.slug for handin in inside})
        digests = {slug: self._digest(catalog.find(slug)) for slug in slugs}
        before = self._store.graded()
        known = {slug for slug in slugs if slug in before and before[slug].suite_digest == digests[slug]}
        points = {slug: before[slug].points for slug in known}
        points |= try_suites(self._setup, set(slugs) - known)
        return [
            Graded(slug=slug, suite_digest=digests[slug], points=points[slug], named=slug in named)
            for slug in slugs
        ]

    def plan(self, reading: Reading, catalog: Catalog) -> None:
        """Tells of problems and of what is in question, known and to be judged."""
        request, intake = self._request, reading.intake
        handins, others = reading.scope.split(intake.handins)
        self._todos = in_question(handins, catalog.katas, self._digest, self._seed_of)
        self._missing = intake.missing
        anew = Anew(isolation=request.isolation, failed=request.failed, again=request.again)
        known: list[Todo] = []
        for todo in self._todos:
            (self._unjudged if needs_judging(todo, self._store, anew) else known).append(todo)
        self._store.let_stand(todo.key for todo in known)
        elsewhere = in_question(others, catalog.katas, self._digest, self._seed_of)
        self._waiting = count_waiting(elsewhere, self._store, Anew(isolation=request.isolation))
        self._tell_of(reading, known)
        self._engine = self._make_engine(self._setup, self._unjudged)
        self._tell(
            Planned(
                format=intake.format,
                students=len({student for todo in self._todos for student in todo.students}),
                handins=len(handins),
                to_judge=len(self._unjudged),
                known=len(known),
                engine=self._engine.name,
                missing=self._missing,
            )
        )

    def _tell_of(self, reading: Reading, known: Sequence[Todo]) -> None:
        """Tells what an instructor has to know before anything is judged."""
        for problem in reading.intake.problems:
            self._notice(problem)
        for withdrawn in self._store.withdrawn():
            here = withdrawn.origin == reading.origin
            if here and reading.scope.covers(withdrawn.student, withdrawn.slug):
                self._notice(withdrawn.problem)
        for todo in known:
            judged = self._store.known(todo.key)
            if judged is not None and judged.notice:
                self._notice(problem_of(todo.kata, todo.students, judged.notice))

    def _engine_asked_for(self, setup: Setup, todos: Sequence[Todo]) -> Engine:
        """The cluster that was named, or this machine."""
        if self._request.dask is None:
            return LocalPool(setup, self._request.jobs)
        digests = {todo.key.slug: todo.key.suite_digest for todo in todos}
        return DaskEngine(setup, self._request.dask, digests, self._request.tls)

    def _digest(self, kata: Kata) -> str:
        suite = Path(self._setup.suite) if self._setup.suite else None
        if not (suite or kata.suite).is_file():
            raise BadInput(f"Kata {kata.slug} has no suite at {kata.suite}.")
        module: Any = importlib.import_module(self._request.judge.partition(":")[0])
        digest: str = module.suite_digest(kata, suite)
        return digest

    # -- judging -----------------------------------------------------------------------------------
    def judge(self) -> None:
        """Judges what the plan says; each judgement is on the disk before anybody is told."""
        by_place = {(todo.key.slug, todo.key.sha256): todo for todo in self._unjudged}
        with closing(self._engine.run(jobs_of(self._unjudged, self._store))) as results:
            for done, result in enumerate(results, start=1):
                judgement, todo = self._settle(result, by_place)
                why = why_look_at(judgement, self._request.isolation)
                self._store.put(judgement, why)
                self._tell(
                    Judged(
                        slug=judgement.slug,
                        students=todo.students,
                        verdict=judgement.verdict,
                        points=judgement.points,
                        max_points=judgement.max_points,
                        done=done,
                        total=len(self._unjudged),
                    )
                )
                if why:
                    self._notice(problem_of(todo.kata, todo.students, why))

    def _settle(self, result: Result, by_place: dict[tuple[str, str], Todo]) -> tuple[Judgement, Todo]:
        """The judgement to store: the judge's, if it is of what we asked, else one of our error."""
        if isinstance(result, Failed):
            todo = by_place[result.job.slug, result.job.sha256]
            return self._failed(todo, result), todo
        place = result.slug, result.submission_sha256
        if place not in by_place:
            raise JudgeError(f"The engine {self._engine.name} judged what it was not asked to.")
        todo = by_place[place]
        if Key.of(result) != todo.key:
            why = "it was judged by another suite, grader, Python or seed than ours"
            return error_judgement(todo.key, todo.kata.number, todo.kata.title, why), todo
        return result, todo

    def _failed(self, todo: Todo, failed: Failed) -> Judgement:
        verdict = failed.counts_as
        # What is our error has no points, which are not to be taken for a mark.
        points = 0 if verdict is Verdict.JUDGE_ERROR else self._store.graded()[todo.key.slug].points
        kata = todo.kata
        return error_judgement(
            todo.key, kata.number, kata.title, failed.why, verdict=verdict, max_points=points
        )

    def _notice(self, problem: Problem) -> None:
        """Tells of the first few problems of each student, and counts the others."""
        student_id, count = problem.student_id, problem.more
        if student_id and not count:
            self._told[student_id] = self._told.get(student_id, 0) + 1
            count = int(self._told[student_id] > LINES)
        if student_id and count:
            self._untold[student_id] = self._untold.get(student_id, 0) + count
        else:
            self._say(problem)

    def tell_counts(self) -> None:
        """How many problems of each student were not told."""
        for student_id, more in self._untold.items():
            self._say(further(student_id, student_id, more))

    def _say(self, problem: Problem) -> None:
        self._problems += 1
        self._tell(Noticed(problem=problem))

    def summary(self) -> Summary:
        """What is known of everything in question, now that all is judged."""
        verdicts: dict[str, int] = {}
        isolation: dict[str, int] = {}
        for todo in self._todos:
            known = self._store.known(todo.key)
            if known is not None:
                count = len(todo.students)
                verdicts[known.verdict.value] = verdicts.get(known.verdict.value, 0) + count
                isolation[known.isolation.value] = isolation.get(known.isolation.value, 0) + count
        return Summary(
            handins=sum(len(todo.students) for todo in self._todos),
            judged=len(self._unjudged),
            known=len(self._todos) - len(self._unjudged),
            verdicts=verdicts,
            isolation=isolation,
            problems=self._problems,
            waiting=self._waiting,
            missing=self._missing,
            seed=self._request.seed,
        )
