"""What of all that one student handed in is an answer, and what has to be said of the rest.

Rules
- A file that says itself which kata it is, by its name or by what it defines, is an answer. A student
  may have several to one kata; which of them counts is told later.
- A file that only its folder gives to a kata, or only that one kata is graded, is taken where the student
  has no better answer, and where it is the only such file: of several none is taken, and all are named.
- Tests, `conftest.py` and packaging are never taken. Beside an answer nobody needs a line about them.
- Whoever handed in something, and nothing that is graded, gets a line that says what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.intake.bounds import ATTEMPTS, brief
from grader.intake.handins import Handin, Problem
from grader.intake.matching import NEVER_TAKEN

MOST_NAMED = 10
"""A line is read by a person."""


def listed(paths: Sequence[str]) -> str:
    """The paths for one line: the first few and how many more."""
    more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
    return ", ".join(map(brief, paths[:MOST_NAMED])) + more


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


class Sieve:
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

    # -- one file at a time ------------------------------------------------------------------------
    def take(self, handin: Handin) -> None:
        """An answer."""
        self.handins.append(handin)

    def take_by_folder(self, name: str, handin: Handin) -> None:
        """What lies in the folder of a kata, and does not say itself that it is an answer to it."""
        self._by_folder.setdefault(handin.slug, Candidates()).add(name, handin)

    def take_nameless(self, name: str, handin: Handin) -> None:
        """What says nothing of itself, where only one kata is graded."""
        self._nameless.add(name, handin)

    def put_elsewhere(self, slug: str, path: str) -> None:
        """An answer to a kata that is not graded."""
        self._elsewhere.setdefault(slug, []).append(path)

    def put_aside(self, path: str, why: str) -> None:
        """A file whose kata cannot be told, where several are graded."""
        self._unplaced.append(self._problem([path], why))

    def put_beside(self, path: str, slug: str = "") -> None:
        """A test, a conftest or packaging; `slug` where only its folder says so, and its name a kata."""
        self._beside.append(path)
        if slug:
            self._shelved.setdefault(slug, []).append(path)

    def put_other(self, path: str) -> None:
        """What is no Python."""
        self._others.append(path)

    # -- when all are there ------------------------------------------------------------------------
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
