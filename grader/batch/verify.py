"""The proof that a kata is sound (design, section 7): what its authors must hold, by judging every answer.

    the stub          is rejected, not crashed on
    every accepted    passes; there are at least three
    every rejected    fails the check that it names, with the verdict that it names; at least five
    every check       rejects at least one of the rejected answers; there are at least five

Answers are judged in parallel processes, each with its own warm judge; the proof of a kata is folded
from its judgements in the order of its files, so that it does not depend on who was first.
"""

from __future__ import annotations

import ast
import atexit
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Self

from grader.batch.claims import read_claim
from grader.catalog import answers, hints, statement, stub
from grader.errors import BadKata
from grader.records import Judgement, Kata, Record, Submission, Verdict

FEWEST_ACCEPTED = 3
FEWEST_REJECTED = 5
FEWEST_CHECKS = 5

_NOT_THE_STUBS = (Verdict.ACCEPTED, Verdict.JUDGE_ERROR, Verdict.NOT_LOADABLE, Verdict.STALLED)


class Trial(Record, frozen=True):
    """One answer of one kata, and its judgement."""

    kata: Kata
    kind: str
    """`stub`, `accepted` or `rejected`."""
    file: Path
    judgement: Judgement


class Proof(Record, frozen=True):
    """What was found of one kata: sound if there are no problems."""

    kata: Kata
    checks: int
    accepted: int
    rejected: int
    problems: tuple[str, ...]


def verify(
    katas: Iterable[Kata], jobs: int, on_judged: Callable[[int, int], None] = lambda done, of: None
) -> list[Proof]:
    """Prove every kata, with that many judges at once. `on_judged` is told how many of how many are done."""
    katas = list(katas)
    planned = [(kata, kind, file) for kata in katas for kind, file in _answers(kata)]
    trials: list[Trial] = []
    for trial in _judged(planned, jobs):
        trials.append(trial)
        on_judged(len(trials), len(planned))
    return [_proof(kata, [trial for trial in trials if trial.kata == kata]) for kata in katas]


def _answers(kata: Kata) -> Iterator[tuple[str, Path]]:
    if kata.suite.is_file():
        yield "stub", kata.folder / "stub.py"
        yield from (("accepted", file) for file in answers(kata, "accepted"))
        yield from (("rejected", file) for file in answers(kata, "rejected"))


# -- judging ---------------------------------------------------------------------------------------
Planned = tuple[Kata, str, Path]


def _judged(planned: list[Planned], jobs: int) -> Iterator[Trial]:
    """The trials in the order of the plan; with one job in this process, where a debugger reaches."""
    if jobs == 1 or len(planned) <= 1:
        with _Worker() as worker:
            yield from (worker.try_(*one) for one in planned)
        return
    with ProcessPoolExecutor(
        max_workers=min(jobs, len(planned)), mp_context=get_context("spawn"), initializer=_warm_up
    ) as pool:
        waiting = [pool.submit(_try, *one) for one in planned]
        try:
            for future in waiting:
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _Worker:
    """One warm judge."""

    def __enter__(self) -> Self:
        from grader.judge import Judge, Options

        self._life = ExitStack()
        self._judge: Judge = self._life.enter_context(Judge(Options()))
        return self

    def __exit__(self, *raised: object) -> None:
        self._life.close()

    def try_(self, kata: Kata, kind: str, file: Path) -> Trial:
        submission = Submission(source=file.read_bytes(), filename=f"{kata.slug}.py")
        return Trial(kata=kata, kind=kind, file=file, judgement=self._judge.judge(kata, submission))


_worker: _Worker
"""In a process of the pool: its own, for as long as the process lives."""


def _warm_up() -> None:
    global _worker
    _worker = _Worker().__enter__()
    atexit.register(_worker.__exit__)


def _try(kata: Kata, kind: str, file: Path) -> Trial:
    return _worker.try_(kata, kind, file)


# -- folding ---------------------------------------------------------------------------------------
def _proof(kata: Kata, trials: list[Trial]) -> Proof:
    accepted = [trial for trial in trials if trial.kind == "accepted"]
    rejected = [trial for trial in trials if trial.kind == "rejected"]
    checks = [check.id for check in accepted[0].judgement.checks] if accepted else []
    problems = [
        *_problems_of_texts(kata),
        *_too_few(kata, len(accepted), len(rejected), len(checks)),
        *(problem for trial in trials for problem in _problems_of(trial)),
        *_idle_checks(checks, rejected),
    ]
    return Proof(
        kata=kata,
        checks=len(checks),
        accepted=len(accepted),
        rejected=len(rejected),
        problems=tuple(problems),
    )


def _problems_of_texts(kata: Kata) -> Iterator[str]:
    """The statement, the hints and the stub can be read; the stub defines what the kata asks for."""
    for read in (statement, hints):
        try:
            read(kata)
        except BadKata as error:
            yield error.message
    try:
        tree = ast.parse(stub(kata))
    except (BadKata, SyntaxError) as error:
        yield f"stub.py: {error}"
        return
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    defined |= {node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef)}
    for name in kata.entry_points:
        if name not in defined:
            yield f"stub.py does not define the entry point {name}"


def _too_few(kata: Kata, accepted: int, rejected: int, checks: int) -> Iterator[str]:
    if not kata.suite.is_file():
        yield f"the suite {kata.suite} is missing"
        return
    counted = (
        (accepted, FEWEST_ACCEPTED, "accepted answers"),
        (rejected, FEWEST_REJECTED, "rejected answers"),
        (checks, FEWEST_CHECKS, "checks"),
    )
    for number, fewest, what in counted:
        if number < fewest:
            yield f"{number} {what} are fewer than {fewest}"


def _problems_of(trial: Trial) -> Iterator[str]:
    judgement, name = trial.judgement, f"{trial.kind}/{trial.file.name}"
    if trial.kind == "stub":
        if judgement.verdict in _NOT_THE_STUBS:
            yield f"stub.py is {_told(judgement)}; it must be rejected and not crash"
    elif trial.kind == "accepted":
        if not judgement.accepted:
            yield f"{name} is {_told(judgement)}"
    else:
        try:
            yield from (f"{name}: {problem}" for problem in read_claim(trial.file).problems(judgement))
        except BadKata as error:
            yield str(error)


def _told(judgement: Judgement) -> str:
    """The verdict, and which check it comes from, with its reason."""
    for check in judgement.checks:
        if check.verdict is judgement.verdict and not check.passed:
            reason = f": {check.rationale.splitlines()[0]}" if check.rationale else ""
            return f"{judgement.verdict} by {check.id}{reason}"
    return judgement.verdict.value


def _idle_checks(checks: list[str], rejected: list[Trial]) -> Iterator[str]:
    """Checks that no rejected answer fails, but for those that could not even be loaded."""
    rejecting = {
        check.id
        for trial in rejected
        for check in trial.judgement.checks
        if not check.passed and check.verdict is not Verdict.NOT_LOADABLE
    }
    for check in checks:
        if check not in rejecting:
            yield f"{check} rejects none of the rejected answers"
