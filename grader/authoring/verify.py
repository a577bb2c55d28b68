"""The proof that a kata is sound, by judging every answer (katas/README.md says what is proven).

    the stub          is rejected, not crashed on
    every accepted    passes; there are at least three
    every rejected    fails the check that it names, with the verdict that it names; at least five
    every check       rejects at least one of the rejected answers; there are at least five
    every file        is the author's own: no TODO of the skeleton is left in it

A rejected answer is put to the one check that its claim names; only a check that no claim names is then
tried on all of them.

Answers are judged by an engine, in any order; the proof of a kata is folded from its judgements in the
order of its files, so that it does not depend on who was first.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from grader.authoring.claims import read_claim
from grader.catalog import OWN_KATAS, PACKAGED_ANSWERS, answers, answers_folder, hints, statement, stub
from grader.engine.jobs import Job
from grader.engine.local import Engine, Failed
from grader.errors import BadInput, BadKata
from grader.records import Judgement, Kata, Record, Submission, Verdict

FEWEST_ACCEPTED = 3
FEWEST_REJECTED = 5
FEWEST_CHECKS = 5
DEADLINE_S = 600.0
"""The last belt around one answer, in real seconds; its own limits end it long before."""

_TODO = re.compile(r"\bTODO\b")
_NOT_THE_STUBS = (Verdict.ACCEPTED, Verdict.JUDGE_ERROR, Verdict.NOT_LOADABLE, Verdict.STALLED)


class Answer(Record, frozen=True):
    """One file that the proof of a kata rests on."""

    kata: Kata
    kind: str
    """`stub`, `accepted` or `rejected`."""
    file: Path
    submission: Submission
    checks: tuple[str, ...] = ()
    """The checks that it is put to; () for all."""

    @property
    def job(self) -> Job:
        given = self.submission
        return Job(
            slug=self.kata.slug,
            sha256=given.sha256,
            source=given.source,
            filename=given.filename,
            deadline_s=DEADLINE_S,
            checks=self.checks,
        )


class Trial(Record, frozen=True):
    """An answer and its judgement."""

    kind: str
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
    katas: Iterable[Kata], engine: Engine, on_judged: Callable[[int, int], None] = lambda done, of: None
) -> list[Proof]:
    """Prove every kata. `on_judged` is told how many of how many answers are judged."""
    katas = list(katas)
    require_all_answers(katas)
    found = {kata.slug: list(_answers(kata)) for kata in katas}
    results = judge_all([answer for answers in found.values() for answer in answers], engine, on_judged)
    unclaimed = {kata.slug: list(_unclaimed(found[kata.slug], results)) for kata in katas}
    more = judge_all([answer for answers in unclaimed.values() for answer in answers], engine, on_judged)
    return [_proof(kata, found[kata.slug], results, _trials(unclaimed[kata.slug], more)) for kata in katas]


def require_all_answers(katas: Iterable[Kata]) -> None:
    """Raises BadInput for the grader's own katas where only the wheel is installed."""
    if PACKAGED_ANSWERS.is_dir() and OWN_KATAS in {kata.folder.parent for kata in katas}:
        raise BadInput(
            "This installation has no rejected answers, so its katas cannot be verified.",
            advice="Use a checkout of the project, or name your own katas with --katas.",
        )


def _answers(kata: Kata) -> Iterator[Answer]:
    if not kata.suite.is_file():
        return
    files = [("stub", kata.folder / "stub.py")]
    files += [(kind, file) for kind in ("accepted", "rejected") for file in answers(kata, kind)]
    for kind, file in files:
        if file.is_file():
            # As it is, it would be told that it is untouched, and not be judged.
            source = file.read_bytes() + (b"\n# begun\n" if kind == "stub" else b"")
            submission = Submission(source=source, filename=f"{kata.slug}.py")
            checks = _claimed(file) if kind == "rejected" else ()
            yield Answer(kata=kata, kind=kind, file=file, submission=submission, checks=checks)


def _claimed(file: Path) -> tuple[str, ...]:
    try:
        return (read_claim(file).check,)
    except BadKata:
        return ()  # it is told what is wrong with its claim when the proof is folded


def _unclaimed(answers: list[Answer], results: Results) -> Iterator[Answer]:
    """Every rejected answer, to be put to the checks that none of the claims names."""
    claimed = {check for answer in answers for check in answer.checks}
    left = tuple(check for check in _checks(_trials(answers, results)) if check not in claimed)
    if left:
        for answer in answers:
            if answer.kind == "rejected":
                yield msgspec.structs.replace(answer, checks=left)


def _trials(answers: list[Answer], results: Results) -> list[Trial]:
    """Those of the answers that could be judged, with their judgements."""
    judged = ((answer, results[answer.kata.slug, answer.submission.sha256]) for answer in answers)
    return [
        Trial(kind=answer.kind, file=answer.file, judgement=result)
        for answer, result in judged
        if isinstance(result, Judgement)
    ]


def _checks(trials: list[Trial]) -> list[str]:
    """Every check of the suite, as an answer that was put to all of them met it."""
    whole = [trial for kind in ("accepted", "stub") for trial in trials if trial.kind == kind]
    return [check.id for check in whole[0].judgement.checks] if whole else []


Results = dict[tuple[str, str], Judgement | str]
"""By slug and SHA-256 of the source: the judgement, or in words why there is none."""


def judge_all(answers: list[Answer], engine: Engine, on_judged: Callable[[int, int], None]) -> Results:
    """The judgements of all these, whatever the order in which they come."""
    results: Results = {}
    for done, result in enumerate(engine.run(answer.job for answer in answers), start=1):
        if isinstance(result, Failed):
            results[result.job.slug, result.job.sha256] = result.why
        else:
            results[result.slug, result.submission_sha256] = result
        on_judged(done, len(answers))
    return results


# -- folding ---------------------------------------------------------------------------------------
def _proof(kata: Kata, answers: list[Answer], results: Results, unclaimed: list[Trial]) -> Proof:
    judged = [(answer, results[kata.slug, answer.submission.sha256]) for answer in answers]
    trials = _trials(answers, results)
    accepted = [trial for trial in trials if trial.kind == "accepted"]
    rejected = [trial for trial in trials if trial.kind == "rejected"]
    checks = _checks(trials)
    problems = [
        *(f"{_name(answer)}: {result}" for answer, result in judged if isinstance(result, str)),
        *_problems_of_texts(kata),
        *_too_few(kata, len(accepted), len(rejected), len(checks)),
        *(problem for trial in trials for problem in _problems_of(trial)),
        *_idle_checks(checks, [*rejected, *unclaimed]),
        *_todos(kata),
    ]
    return Proof(
        kata=kata,
        checks=len(checks),
        accepted=len(accepted),
        rejected=len(rejected),
        problems=tuple(problems),
    )


def _name(answer: Answer | Trial) -> str:
    return answer.file.name if answer.kind == "stub" else f"{answer.kind}/{answer.file.name}"


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
    for number, fewest, what in counted[: 3 if checks else 2]:  # where none was seen, nothing could be judged
        if number < fewest:
            yield f"{number} {what} are fewer than {fewest}"


def _problems_of(trial: Trial) -> Iterator[str]:
    judgement, name = trial.judgement, _name(trial)
    if trial.kind == "stub":
        if judgement.verdict in _NOT_THE_STUBS:
            yield f"{name} is {told(judgement)}; it must be rejected and not crash"
    elif trial.kind == "accepted":
        if not judgement.accepted:
            yield f"{name} is {told(judgement)}"
    else:
        try:
            claim = read_claim(trial.file)
        except BadKata as error:
            yield str(error)
            return
        if claim.check in {check.id for check in judgement.checks}:
            yield from (f"{name}: {problem}" for problem in claim.problems(judgement))
        else:
            yield f"{name}: there is no check of that name: {claim.check}"


def told(judgement: Judgement) -> str:
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


def _todos(kata: Kata) -> Iterator[str]:
    """Every file of the kata in which a mark of the skeleton's is left, with the lines."""
    found = [path for home in (kata.folder, answers_folder(kata)) for path in sorted(home.rglob("*"))]
    for path in [*found, kata.suite]:
        if path.suffix in (".py", ".md", ".toml") and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            lines = [number for number, line in enumerate(text.splitlines(), start=1) if _TODO.search(line)]
            if lines:
                yield f"{_short(kata, path)}:{lines[0]}: TODO{_further(lines[1:])}"


def _short(kata: Kata, path: Path) -> str:
    """A file as its author knows it: below the kata's folder or that of its answers; a suite by its name."""
    for home in (kata.folder, answers_folder(kata)):
        if path.is_relative_to(home):
            return str(path.relative_to(home))
    return path.name


def _further(lines: list[int]) -> str:
    if not lines:
        return ""
    return f", and on line{'s' * (len(lines) > 1)} {', '.join(map(str, lines))}"
