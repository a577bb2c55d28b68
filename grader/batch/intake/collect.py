"""From found files to hand-ins: read, unwrap, tell the kata, order by newness.

Alike for every layout, so that what counts as an answer does not depend on the learning system.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from pathlib import PurePosixPath

import msgspec

from grader.batch.intake.handins import SOURCE_BYTES, Handin, Problem
from grader.batch.intake.layout import Found
from grader.batch.intake.matching import is_python, match, match_name
from grader.batch.intake.roster import Roster
from grader.batch.intake.tree import Entry, NotAZipError, Tree, UnreadableError, ZipTree
from grader.records import Kata, Submission

NESTED_BYTES = 16 * 1024 * 1024
"""A student's own zip is opened in memory, so it has a bound; a class's is read from disk."""


class Collector:
    """Turns what a layout found into hand-ins of the katas asked for, and problems for the rest."""

    def __init__(self, tree: Tree, katas: Sequence[Kata], wanted: Sequence[Kata], roster: Roster) -> None:
        self._tree = tree
        self._katas = katas
        self._wanted = {kata.slug for kata in wanted}
        self._only = wanted[0].slug if len(wanted) == 1 else ""
        self._roster = roster
        self.handins: list[Handin] = []
        self.problems: list[Problem] = []
        self._others: dict[str, list[Problem]] = {}
        """By student: files that are no Python, worth a word only if nothing else was handed in."""

    def take(self, items: Iterable[Found | Problem]) -> None:
        """Takes all that a layout found."""
        for item in items:
            if isinstance(item, Problem):
                self.problems.append(item)
            else:
                self._one(item)
        have = {handin.student.id for handin in self.handins}
        strays = {problem.student_id for problem in self.problems}
        for student_id, others in sorted(self._others.items()):
            if student_id not in have and student_id not in strays:
                self.problems.extend(others)

    def _one(self, found: Found) -> None:
        student = self._roster.find(found.student)
        found = msgspec.structs.replace(found, student=student)
        name = PurePosixPath(found.inner).name
        if is_python(name) or found.online_text:
            self._source(found, self._tree, found.entry.path)
        elif name.lower().endswith(".zip"):
            self._nested(found)
        else:
            problem = Problem(path=found.entry.path, why="is not a Python file", student_id=student.id)
            self._others.setdefault(student.id, []).append(problem)

    def _source(self, found: Found, tree: Tree, path: str) -> None:
        try:
            source = tree.read(found.entry, SOURCE_BYTES + 1)
        except UnreadableError as problem:
            self._problem(found, path, str(problem))
            return
        if len(source) > SOURCE_BYTES:
            source = source[:SOURCE_BYTES]
            self._problem(found, path, f"is longer than {SOURCE_BYTES // 1024} KB; only so much is judged")
        if found.online_text:
            source = typed_text(source)
        slug, why = self._slug(found, source)
        if slug in self._wanted:
            self.handins.append(_handin(found, slug, source, path))
        elif why:
            self._problem(found, path, why)

    def _slug(self, found: Found, source: bytes) -> tuple[str, str]:
        """(slug, why not). A file of a kata that nobody asked for has neither."""
        if found.kata:
            named = match_name(found.kata, self._katas)
            return named.slug, "" if named.slug else f"there is no kata {found.kata!r}"
        matched = match(found.inner, source, self._katas)
        if not matched.slug and self._only:
            # Only one kata is being graded: a file that says nothing of itself is meant for it,
            # even (or just then) when it does not define what it should.
            return self._only, ""
        return matched.slug, matched.why

    def _nested(self, found: Found) -> None:
        """A zip that a student handed in: its files are theirs, one level deep."""
        path = found.entry.path
        try:
            data = self._tree.read(found.entry, NESTED_BYTES + 1)
            if len(data) > NESTED_BYTES:
                raise UnreadableError(f"is a zip of more than {NESTED_BYTES // 1024**2} MB")
            nested = ZipTree(io.BytesIO(data), found.entry.name)
        except (UnreadableError, NotAZipError) as problem:
            self._problem(found, path, str(problem))
            return
        for refused in nested.problems:
            self._problem(found, f"{path}!{refused.path}", refused.why)
        for entry, inside in _python_entries(nested):
            self._source(_inside(found, entry, inside), nested, f"{path}!{entry.path}")
        nested.close()

    def _problem(self, found: Found, path: str, why: str) -> None:
        self.problems.append(Problem(path=path, why=why, student_id=found.student.id))


def _python_entries(tree: Tree) -> Iterator[tuple[Entry, str]]:
    for entry in tree.entries:
        if is_python(entry.name):
            yield entry, entry.path


def _inside(found: Found, entry: Entry, inside: str) -> Found:
    """The zip's own name still names the kata when its files do not: `04.zip!answer.py`."""
    folder = re.sub(r"\.zip$", "", found.inner, flags=re.I)
    return msgspec.structs.replace(found, entry=entry, inner=f"{folder}/{inside}")


def _handin(found: Found, slug: str, source: bytes, path: str) -> Handin:
    submitted = found.submitted_at
    stamp = 0.0
    if submitted is not None:
        stamp = (submitted if submitted.tzinfo else submitted.replace(tzinfo=UTC)).timestamp()
    return Handin(
        student=found.student,
        slug=slug,
        submission=Submission(source=source, filename=PurePosixPath(found.inner).name),
        source_path=path,
        submitted_at=submitted,
        late=found.late,
        newness=(stamp, found.attempt, found.entry.modified_ns),
    )


def typed_text(page: bytes) -> bytes:
    """Source that was typed into a web form: the text of its HTML, a line per paragraph or break."""
    text = page.decode("utf-8", errors="replace")
    text = re.sub(r"(?is)<(script|style|head)\b.*?</\1\s*>", "", text)
    text = re.sub(r"(?i)<br\s*/?>|</(p|div|li|pre|h\d)\s*>", "\n", text)
    text = html.unescape(re.sub(r"<[/!a-zA-Z][^>]*>", "", text)).replace("\xa0", " ")
    return text.strip("\n").encode("utf-8", errors="replace") + b"\n"


def newest_first(handins: Iterable[Handin]) -> list[Handin]:
    """One student's hand-ins for one kata, the one that counts in front; ties by path, so it is settled."""
    by_path = sorted(handins, key=lambda handin: handin.source_path)
    return sorted(by_path, key=lambda handin: handin.newness, reverse=True)
