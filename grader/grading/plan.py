"""What a run is about: every submission once, under the key that its judgement will have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from grader.engine.jobs import Job, local_versions
from grader.errors import BadInput
from grader.grading.keys import Key
from grader.grading.scope import Scope
from grader.grading.store import Store
from grader.intake import Handin
from grader.records import Isolation, Judgement, Kata, Record, Verdict

BELT_CHECKS = 40
"""No suite has so many checks that each run into the wall limit: the judge ends long before the belt."""
BELT_S = 60.0


SeedOf = Callable[[str, bytes], int]
"""From a kata's slug and a source: the seed to judge it with."""


class Todo(Record, frozen=True):
    """One submission in question and who handed it in."""

    key: Key
    kata: Kata
    filename: str
    students: tuple[str, ...]


class RejudgeRules(Record, frozen=True):
    """What makes a submission be judged although a judgement of it is known."""

    isolation: str
    """`full` trusts no judgement that was made at less."""
    failed: bool = False
    again: bool = False


def unique_submissions(
    handins: Sequence[Handin], katas: Sequence[Kata], digest: Callable[[Kata], str], seed: SeedOf
) -> list[Todo]:
    """Every submission of these hand-ins once, in their order, with everybody who handed it in."""
    versions = local_versions()
    by_slug = {kata.slug: kata for kata in katas}
    digests: dict[str, str] = {}
    found: dict[tuple[str, str], tuple[str, int, list[str]]] = {}
    for handin in handins:
        place = handin.slug, handin.submission.sha256
        if place not in found:
            found[place] = handin.submission.filename, seed(handin.slug, handin.submission.source), []
        students = found[place][-1]
        if handin.student.id not in students:
            students.append(handin.student.id)
        if handin.slug not in digests:
            digests[handin.slug] = digest(by_slug[handin.slug])
    return [
        Todo(
            key=Key(
                slug=slug,
                sha256=sha256,
                suite_digest=digests[slug],
                grader=versions.grader,
                python=versions.python,
                seed=drawn,
            ),
            kata=by_slug[slug],
            filename=filename,
            students=tuple(students),
        )
        for (slug, sha256), (filename, drawn, students) in found.items()
    ]


def refuse_nobody(handins: Sequence[Handin], scope: Scope, store: Store, origin: str) -> None:
    """Raises BadInput when the scope's names are nobody's: neither of who hands in nor of who did."""
    people = [*(handin.student for handin in handins), *store.handing_in(origin)]
    if scope.names and not any(map(scope.is_about, people)):
        raise BadInput(
            f"No student with a submission matches --only {' or '.join(scope.names)}.",
            advice="Give an id, a name or an e-mail address; * fits any text.",
        )


def needs_judging(todo: Todo, store: Store, anew: RejudgeRules) -> bool:
    """Whether the store has no judgement of it that we may rely on, or it is to be judged anew."""
    known = store.known(todo.key)
    if known is None or known.verdict is Verdict.JUDGE_ERROR or anew.again:
        return True
    if anew.isolation == "full" and is_doubtful(known.isolation, known.points):
        return True
    return anew.failed and known.verdict is not Verdict.ACCEPTED


def count_waiting(todos: Sequence[Todo], store: Store, anew: RejudgeRules) -> int:
    """How many hand-ins, all out of scope, do not count before a run is about them."""
    counting = {(attempt.student_id, attempt.slug, attempt.sha256) for attempt in store.attempts()}
    waiting = 0
    for todo in todos:
        fresh = needs_judging(todo, store, anew)
        waiting += sum(
            fresh or (student, todo.key.slug, todo.key.sha256) not in counting for student in todo.students
        )
    return waiting


def is_doubtful(isolation: Isolation, points: float) -> bool:
    """Whether a judgement could have been forged: points, at less than full isolation.

    A guest that ended before it was heard of is at no known level, and has no points either.
    """
    return isolation is not Isolation.FULL and points > 0


def why_look_at(judgement: Judgement, isolation: str) -> str:
    """Why an instructor must look at a judgement, in one line; nothing for most.

    `isolation` is what the run asked for.
    """
    for check in judgement.checks:
        if check.verdict in (Verdict.JUDGE_ERROR, Verdict.STALLED):
            return f"could not be judged: {in_brief(check.rationale or check.verdict.value)}"
    if isolation == "full" and is_doubtful(judgement.isolation, judgement.points):
        return f"was judged at less than full isolation: {'; '.join(judgement.isolation_missing)}"
    return ""


def in_brief(words: str) -> str:
    """An error without its traceback: what was raised, and where last."""
    front, traced, trace = words.partition("Traceback (most recent call last):")
    if not traced:
        return words
    places = re.findall(r'File "(.*)", (line \d+)', trace)
    where = f" ({places[-1][0]}, {places[-1][1]})" if places else ""
    return front + trace.strip().splitlines()[-1] + where


def jobs_of(todos: Sequence[Todo], store: Store) -> Iterator[Job]:
    """Their jobs, each source read from the store when it is its turn."""
    for todo in todos:
        submission = store.submission(todo.key.sha256, todo.filename)
        yield Job(
            slug=todo.key.slug,
            sha256=todo.key.sha256,
            source=submission.source,
            filename=submission.filename,
            seed=todo.key.seed,
            deadline_s=BELT_S + BELT_CHECKS * todo.kata.limits.wall_s,
        )
