"""From found files to hand-ins: read, unwrap, tell the kata, order by newness.

Alike for every layout, so that what counts as an answer does not depend on the learning system. What
is an answer among all of one student's files is `sift`'s to say.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from pathlib import PurePosixPath

import msgspec

from grader.intake.bounds import ENTRIES, STUDENT_BYTES, TOO_LARGE, TOO_MUCH
from grader.intake.handins import SOURCE_BYTES, Handin, Problem, Student
from grader.intake.identity import name_students
from grader.intake.layout import EMPTY, Found, Item, Lacking
from grader.intake.matching import Match, is_python, lies_beside, match, match_name
from grader.intake.roster import Roster
from grader.intake.sift import Sieve, listed
from grader.intake.tree import Entry, Tree, UnreadableError, with_parents
from grader.intake.zip_tree import NotAZipError, ZipTree
from grader.records import Kata, Submission

NESTED_BYTES = 16 * 1024 * 1024
"""A student's own zip is opened in memory, so it has a bound; a class's is read from disk."""
LEFT_OUT = "left out: Python that is hidden or in a virtual environment is not read"


class Collector:
    """Turns what a layout found into hand-ins of the katas asked for, and problems for the rest."""

    def __init__(
        self, tree: Tree, katas: Sequence[Kata], wanted: Sequence[Kata], roster: Roster, *, asked: bool
    ) -> None:
        self._tree = tree
        self._katas = katas
        self._wanted = [kata.slug for kata in wanted]
        self._only = self._wanted[0] if len(wanted) == 1 else ""
        self._roster = roster
        self._asked = asked
        """Whether the format was named: contradictions are then listed and do not end the run."""
        self._spent: dict[str, _Spent] = {}
        self.handins: list[Handin] = []
        self.problems: list[Problem] = []
        self.people: dict[str, Student] = {}
        """By id: everybody of whom there is anything, if only an empty folder."""
        self._sieves: dict[str, Sieve] = {}
        self._homes: dict[str, set[str]] = {}
        """Folder: the students whose own it is, by id."""
        self._nested_left_out: list[tuple[str, str]] = []
        """(student's id, path) of what is left out of their zips."""

    def take(self, items: Iterable[Item]) -> None:
        """Takes all that a layout found."""
        refused = {entry.path: entry.refused for entry in self._tree.entries if entry.refused}
        not_empty = with_parents(self._tree.left_out)
        found = list(items)
        candidates = [item.student for item in found if not isinstance(item, Problem)]
        named, unmatched = name_students(candidates, self._roster, asked=self._asked)
        for item in found:
            if isinstance(item, Problem):
                self.problems.append(msgspec.structs.replace(item, why=refused.get(item.path, item.why)))
            elif item.student in named:
                self._take(msgspec.structs.replace(item, student=named[item.student]), not_empty)
            elif item.student in unmatched:
                why = f"unmatched: {unmatched.pop(item.student)}"
                self.problems.append(Problem(path=f"{_home(item)} of {item.student.called}", why=why))
        for sieve in self._sieves.values():
            self.problems.extend(sieve.settle())
            self.handins.extend(sieve.handins)
        self.problems.extend(self._left_out())

    def _take(self, item: Found | Lacking, not_empty: set[str]) -> None:
        self.people.setdefault(item.student.id, item.student)
        self._note_home(item)
        if isinstance(item, Lacking):
            if item.why != EMPTY or item.path not in not_empty:
                self.problems.append(Problem(path=item.path, why=item.why, student_id=item.student.id))
        elif self._may_look(item, item.entry.path):
            self._one(item)

    def _may_look(self, found: Found, path: str) -> bool:
        """Whether this student has not had us look at too much; the first file that is too much is told."""
        spent = self._spent.setdefault(found.student.id, _Spent())
        spent.entries += 1
        too_large = TOO_LARGE if spent.bytes >= STUDENT_BYTES else ""
        why = TOO_MUCH if spent.entries > ENTRIES else too_large
        if why and not spent.is_told:
            self._problem(found, path, why)
            spent.is_told = True
        return not why

    def _read(self, found: Found, tree: Tree, limit: int) -> bytes:
        """The file's bytes, at most `limit`. Raises UnreadableError."""
        data = tree.read(found.entry, limit)
        self._spent.setdefault(found.student.id, _Spent()).bytes += len(data)
        return data

    def _note_home(self, item: Found | Lacking) -> None:
        """The folder that is this student's, where the layout tells it."""
        home = _home(item)
        if isinstance(item, Lacking) or home != item.entry.path:
            self._homes.setdefault(home, set()).add(item.student.id)

    def _left_out(self) -> Iterator[Problem]:
        """What hidden names cost whoever has no answer, and nobody that can be told: a line for each."""
        answered = {handin.student.id for handin in self.handins}
        lines: dict[str, list[str]] = {}
        for path in self._tree.left_out:
            for student_id in self._owners(path):
                lines.setdefault(student_id, []).append(path)
        for student_id, path in self._nested_left_out:
            lines.setdefault(student_id, []).append(path)
        for student_id, paths in lines.items():
            if student_id not in answered:
                yield Problem(path=listed(paths), why=LEFT_OUT, student_id=student_id)

    def _owners(self, path: str) -> list[str]:
        """The ids of those in whose own folder the path lies; of nobody's, the empty one."""
        for folder in PurePosixPath(path).parents:
            if str(folder) in self._homes:
                return sorted(self._homes[str(folder)])
        return [""]

    def _sieve(self, found: Found) -> Sieve:
        student_id = found.student.id
        return self._sieves.setdefault(student_id, Sieve(student_id, self._wanted))

    def _one(self, found: Found) -> None:
        name = PurePosixPath(found.inner).name
        if found.entry.refused:
            self._problem(found, found.entry.path, found.entry.refused)
        elif is_python(name) or found.online_text:
            self._python(found, self._tree, found.entry.path)
        elif is_zip(name):
            self._nested(found)
        else:
            self._sieve(found).put_other(found.entry.path)

    def _python(self, found: Found, tree: Tree, path: str) -> None:
        """A file of Python, read only if it can be an answer."""
        own = found.inner if found.own is None else found.own
        if not found.online_text and lies_beside(own, self._katas):
            self._sieve(found).put_beside(path, self._named_among_tests(own))
            return
        try:
            source = self._read(found, tree, SOURCE_BYTES + 1)
        except UnreadableError as problem:
            self._problem(found, path, str(problem))
            return
        if len(source) > SOURCE_BYTES:
            source = source[:SOURCE_BYTES]
            self._problem(found, path, f"is longer than {SOURCE_BYTES // 1024} KB; only so much is judged")
        self._place(found, typed_text(source) if found.online_text else source, path)

    def _named_among_tests(self, own: str) -> str:
        """The kata graded here that a file is named for which no name, but its folder, makes a test."""
        name = PurePosixPath(own).name
        slug = "" if lies_beside(name, self._katas) else match_name(name, self._katas).slug
        return slug if slug in self._wanted else ""

    def _place(self, found: Found, source: bytes, path: str) -> None:
        """To the kata that it answers, as far as that can be told."""
        sieve, matched = self._sieve(found), self._matched(found, source)
        if matched.slug and matched.slug not in self._wanted:
            sieve.put_elsewhere(matched.slug, path)
        elif matched.slug:
            handin = _handin(found, matched.slug, source, path)
            if matched.sure:
                sieve.take(handin)
            else:
                sieve.take_by_folder(found.inner, handin)
        elif self._only and not found.kata:
            sieve.take_nameless(found.inner, _handin(found, self._only, source, path))
        else:
            sieve.put_aside(path, matched.why)

    def _matched(self, found: Found, source: bytes) -> Match:
        if found.kata:  # the instructor's own words
            named = match_name(found.kata, self._katas)
            why = "" if named.slug else f"there is no kata {found.kata!r}"
            return Match(slug=named.slug, why=why, sure=True)
        matched = match(found.inner, source, self._katas)
        if self._only in matched.fits:
            return Match(slug=self._only, sure=True)
        return matched

    # -- a student's own zip -----------------------------------------------------------------------
    def _nested(self, found: Found) -> None:
        """A zip that a student handed in: its files are theirs, one level deep."""
        path = found.entry.path
        try:
            data = self._read(found, self._tree, NESTED_BYTES + 1)
            if len(data) > NESTED_BYTES:
                raise UnreadableError(f"is a zip of more than {NESTED_BYTES // 1024**2} MB")
            nested = ZipTree(io.BytesIO(data), found.entry.name)
        except (UnreadableError, NotAZipError) as problem:
            self._problem(found, path, str(problem))
            return
        for refused in nested.problems:
            self._problem(found, f"{path}!{refused.path}", refused.why)
        self._nested_left_out += [(found.student.id, f"{path}!{inner}") for inner in nested.left_out]
        if not nested.entries and not nested.problems and not nested.left_out:
            self._problem(found, path, "is a zip without files")
        for entry in nested.entries:
            if not self._may_look(found, f"{path}!{entry.path}"):
                break
            self._inside(found, nested, entry)
        nested.close()

    def _inside(self, found: Found, nested: Tree, entry: Entry) -> None:
        """One file of such a zip, whose name still names the kata where the file's own does not."""
        path = f"{found.entry.path}!{entry.path}"
        if entry.refused:
            self._problem(found, path, entry.refused)
        elif is_python(entry.name):
            folder = re.sub(r"\.zip$", "", found.inner, flags=re.I)
            inner, own = f"{folder}/{entry.path}", entry.path
            self._python(msgspec.structs.replace(found, entry=entry, inner=inner, own=own), nested, path)
        elif is_zip(entry.name):
            self._problem(found, path, "is a zip in a zip, which is not opened")
        else:
            self._sieve(found).put_other(path)

    def _problem(self, found: Found, path: str, why: str) -> None:
        self.problems.append(Problem(path=path, why=why, student_id=found.student.id))


class _Spent:
    """What one student has cost so far."""

    def __init__(self) -> None:
        self.entries = 0
        self.bytes = 0
        self.is_told = False


def _home(item: Found | Lacking) -> str:
    """The folder or file that the learning system made for this student."""
    return item.path if isinstance(item, Lacking) else item.entry.path.removesuffix(f"/{item.inner}")


def is_zip(name: str) -> bool:
    """Whether this is a zip by its name."""
    return name.lower().endswith(".zip")


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
    """Source that was typed into a web form: the text of its HTML, a line per paragraph or break.

    Every character is passed once, whatever is opened and never closed.
    """
    text = "".join(_text_of(page.decode("utf-8", errors="replace")))
    text = html.unescape(LONG_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", text)).replace("\xa0", " ")
    return text.strip("\n").encode("utf-8", errors="replace") + b"\n"


LONG_REFERENCE = re.compile(r"&#x?[0-9a-f]{9,};?", re.I)
"""No character has so large a number, and Python refuses to read very long ones."""
TAG = re.compile(r"<(?:[/!]|(?=[a-z]))([a-z0-9]*)", re.I)
BREAKS = re.compile(r"<br\s*/?|</(?:p|div|li|pre|h[0-9])\s*", re.I)
UNSEEN = ("script", "style", "head")
"""What stands in these is not shown."""


def _text_of(page: str) -> Iterator[str]:
    """The page without its tags, and without what is not shown."""
    unclosed: set[str] = set()
    place = 0
    while (start := page.find("<", place)) >= 0:
        yield page[place:start]
        tag, end = TAG.match(page, start), page.find(">", start)
        if end < 0:
            place = start
            break
        if tag is None:
            yield "<"
            place = start + 1
            continue
        place = end + 1
        name = tag[1].lower()
        if name in UNSEEN and page[start + 1] not in "/!" and name not in unclosed:
            closing = re.compile(rf"</{name}\s*>", re.I).search(page, place)
            if closing is None:
                unclosed.add(name)
            else:
                place = closing.end()
        elif BREAKS.fullmatch(page, start, end):
            yield "\n"
    yield page[place:]


def newest_first(handins: Iterable[Handin]) -> list[Handin]:
    """One student's hand-ins for one kata, the one that counts in front; ties by path, so it is settled."""
    by_path = sorted(handins, key=lambda handin: handin.source_path)
    return sorted(by_path, key=lambda handin: handin.newness, reverse=True)
