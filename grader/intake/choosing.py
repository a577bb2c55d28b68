"""Chooses the answer: what of all that one student handed in is one, and what has to be said of the rest.

Rules
- A file that says itself which kata it is, by its name or by what it defines, is an answer. A student
  may have several to one kata; which of them counts is told later.
- A file that only its folder gives to a kata, or only that one kata is graded, is taken where the student
  has no better answer, and where it is the only such file: of several none is taken, and all are named.
- Tests, `conftest.py` and packaging are never taken. Beside an answer nobody needs a line about them.
- Whoever handed in something, and nothing that is graded, gets a line that says what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from pathlib import PurePosixPath

from grader.intake.bounds import ATTEMPTS, brief
from grader.intake.handins import Handin, Problem
from grader.intake.items import Answer, HiddenFile, NoAnswer, OtherFile, SupportFile, Sureness
from grader.intake.matching import NEVER_TAKEN
from grader.records import Kata, Submission

LEFT_OUT = "left out: Python that is hidden or in a virtual environment is not read"
MOST_NAMED = 10
"""A line is read by a person."""


def listed(paths: Sequence[str]) -> str:
    """The paths for one line: the first few and how many more."""
    more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
    return ", ".join(map(brief, paths[:MOST_NAMED])) + more


def choose_answers(
    files: Iterable[Answer | SupportFile | NoAnswer], wanted: Sequence[Kata]
) -> Iterator[Handin | Problem]:
    """The answers of each student to the wanted katas, and what has to be said of their other files.

    Files may come in any order of students. What is hidden is told of whoever has no answer.
    """
    slugs = [kata.slug for kata in wanted]
    selectors: dict[str, AnswerSelector] = {}
    hidden: dict[str, list[str]] = {}
    for file in files:
        if isinstance(file, Problem):
            yield file
        elif isinstance(file, HiddenFile):
            hidden.setdefault(file.student_id, []).append(file.path)
        else:
            owner = file.file.origin.student.id if isinstance(file, Answer) else file.student_id
            selectors.setdefault(owner, AnswerSelector(owner, slugs)).add(file)
    for selector in selectors.values():
        yield from selector.settle()
        yield from selector.handins
    answered = {owner for owner, selector in selectors.items() if selector.handins}
    for student_id, paths in hidden.items():
        if student_id not in answered:
            yield Problem(path=listed(paths), why=LEFT_OUT, student_id=student_id)


def _handin(answer: Answer) -> Handin:
    origin = answer.file.origin
    submitted = origin.submitted_at
    stamp = 0.0
    if submitted is not None:
        stamp = (submitted if submitted.tzinfo else submitted.replace(tzinfo=UTC)).timestamp()
    return Handin(
        student=origin.student,
        slug=answer.slug,
        submission=Submission(source=answer.file.source, filename=PurePosixPath(origin.inner).name),
        source_path=answer.file.path,
        submitted_at=submitted,
        late=origin.late,
        newness=(stamp, origin.attempt, origin.entry.modified_ns),
    )


class Candidates:
    """Files of which one at most can be the answer. What came twice under one name is one file."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.handins: list[Handin] = []
        """Of the one file, or none: of several none is taken, so their bytes are let go."""
        self._names: set[str] = set()

    def add(self, name: str, handin: Handin) -> None:
        """One more; `name` is what the student called it."""
        self._names.add(name)
        self.paths.append(handin.source_path)
        if len(self._names) == 1:
            self.handins.append(handin)
        else:
            self.handins.clear()


class AnswerSelector:
    """One student's files, sorted as they come; `settle` when all have."""

    def __init__(self, student_id: str, wanted: Sequence[str]) -> None:
        self._student_id = student_id
        self._wanted = wanted
        self.handins: list[Handin] = []
        self._by_folder: dict[str, Candidates] = {}
        self._nameless = Candidates()
        self._elsewhere: dict[str, list[str]] = {}
        self._unplaced: list[Problem] = []
        self._shelved: dict[str, list[str]] = {}
        self._beside: list[str] = []
        self._others: list[str] = []

    def add(self, file: Answer | SupportFile | OtherFile) -> None:
        """One more of the student's files."""
        if isinstance(file, OtherFile):
            self._others.append(file.path)
        elif isinstance(file, SupportFile):
            self._beside.append(file.path)
            if file.slug:
                self._shelved.setdefault(file.slug, []).append(file.path)
        else:
            self._add_answer(file)

    def _add_answer(self, answer: Answer) -> None:
        name, path = answer.file.origin.inner, answer.file.path
        match answer.sureness:
            case Sureness.SURE:
                self.handins.append(_handin(answer))
            case Sureness.BY_FOLDER:
                self._by_folder.setdefault(answer.slug, Candidates()).add(name, _handin(answer))
            case Sureness.BY_SCOPE:
                self._nameless.add(name, _handin(answer))
            case Sureness.NOT_GRADED:
                self._elsewhere.setdefault(answer.slug, []).append(path)
            case Sureness.UNKNOWN:
                self._unplaced.append(self._problem([path], answer.why))

    def settle(self) -> list[Problem]:
        """Takes the candidates that can be taken, and says what has to be said of the rest."""
        problems = [*self._unplaced, *self._settle_candidates(), *self._keep_newest()]
        have = {handin.slug for handin in self.handins}
        for slug, paths in self._shelved.items():
            if slug not in have:
                problems.append(self._problem(paths, f"in a folder of tests, so not taken for {slug}"))
        if self.handins:
            return problems
        if self._elsewhere:
            answered = [path for paths in self._elsewhere.values() for path in paths]
            problems.append(self._problem(answered, self._why_elsewhere()))
        if not problems:
            problems.extend(self._leftovers())
        return problems

    def _keep_newest(self) -> Iterator[Problem]:
        """Of very many answers to one kata the newest: each is judged, and each has its cost."""
        by_slug: dict[str, list[Handin]] = {}
        for handin in self.handins:
            by_slug.setdefault(handin.slug, []).append(handin)
        for slug, handins in by_slug.items():
            if len(handins) > ATTEMPTS:
                handins.sort(key=lambda handin: (handin.newness, handin.source_path))
                left = [handin.source_path for handin in handins[:-ATTEMPTS]]
                yield self._problem(left, f"not judged: of more answers to {slug} the newest {ATTEMPTS} are")
        self.handins = [handin for handins in by_slug.values() for handin in handins[-ATTEMPTS:]]

    def _settle_candidates(self) -> Iterator[Problem]:
        have = {handin.slug for handin in self.handins}
        for slug, candidates in self._by_folder.items():
            if slug not in have:
                yield from self._choose(candidates, slug)
        if not self._nameless.paths or have or self._by_folder:
            return
        if self._elsewhere:
            why = f"not taken for {self._wanted[0]}: other files here do say which kata they are"
            yield self._problem(self._nameless.paths, why)
        else:
            yield from self._choose(self._nameless, self._wanted[0])

    def _choose(self, candidates: Candidates, slug: str) -> Iterator[Problem]:
        """The only one is taken."""
        self.handins.extend(candidates.handins)
        if not candidates.handins:
            why = f"each might be the answer to {slug}, so none is taken; the right one should be {slug}.py"
            yield self._problem(candidates.paths, why)

    def _why_elsewhere(self) -> str:
        graded = self._wanted[0] if len(self._wanted) == 1 else "any kata that is graded"
        return f"no answer to {graded}, only to {', '.join(sorted(self._elsewhere))}"

    def _leftovers(self) -> Iterator[Problem]:
        """Nothing here is an answer: what it is instead."""
        if self._beside:
            yield self._problem(self._beside, NEVER_TAKEN)
        if self._others:
            single = len(self._others) == 1
            yield self._problem(self._others, "is not a Python file" if single else "are not Python files")

    def _problem(self, paths: Sequence[str], why: str) -> Problem:
        return Problem(path=listed(paths), why=why, student_id=self._student_id)
