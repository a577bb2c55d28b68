"""Gradescope: the instructor's export of an assignment.

The export has `submission_metadata.yml`, a map from a submission's folder to who handed it in, with
Ruby's symbols as keys (`:submitters`, `:created_at`). A group has several submitters, and each gets the
hand-in. The listing quotes what programs of students printed, so it is read with care: from the parser's
events, without recursion; every scalar is text, no tag makes an object, and its depth and size are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import yaml  # type: ignore[import-untyped]  # PyYAML ships no types; what it returns is checked here

from grader.errors import BadInput
from grader.intake.handins import Problem, Student
from grader.intake.items import EmptySlot, Item, SubmittedFile
from grader.intake.layout import Layout, Signs, listing, places, read_listing
from grader.intake.tree import Entry, Tree
from grader.records import Kata

LISTING = "submission_metadata.yml"
FOLDER = re.compile(r"submission_[0-9]+")
AROUND = re.compile(r"assignment_[0-9]+_export")
"""What Gradescope itself calls a submission's folder, and the one that its archive holds."""
MAX_DEPTH = 50
MAX_EVENTS = 4_000_000
"""Of the parser's, a few for each value: some seconds of work."""
PLAIN_TAGS = ("tag:yaml.org,2002:", "!ruby/", "!")
FORBIDDEN_TAGS = ("tag:yaml.org,2002:python/",)


class Gradescope(Layout):
    """`submission_metadata.yml` and a folder per submission."""

    name = "gradescope"
    rank = 2
    about = 'Gradescope\'s "Export submissions", zipped or unpacked'

    def signs(self, tree: Tree, depth: int) -> Signs:
        """The listing, beside folders that are named as it names them; or alone."""
        if listing(tree, LISTING, depth) is None:
            return Signs()
        here = [place for place in places(tree, depth) if place.name != LISTING]
        folders = [place.name for place in here if place.is_folder and FOLDER.fullmatch(place.name)]
        if folders:  # nobody but the system writes beside them; what lies there is told of later
            return Signs(fitting=(LISTING, *folders))
        return Signs(fitting=(LISTING,), others=tuple(place.name for place in here))

    def wraps(self, folder: str) -> bool:
        """As its archives do."""
        return bool(AROUND.fullmatch(folder))

    def find(self, tree: Tree, depth: int, katas: Sequence[Kata]) -> Iterator[Item]:
        """The listing says whose each folder is; what it does not name is a problem, and so is what it
        names and is not there."""
        told = listing(tree, LISTING, depth)
        if told is None:
            raise BadInput(f"There is no {LISTING} at the root of {tree.label}.")
        submissions = _parse(read_listing(tree, told), told.path)
        seen: set[str] = set()
        for entry in tree.entries:
            parts = entry.parts[depth:]
            if entry is told:
                continue
            if len(parts) < 2:
                yield Problem(path=entry.path, why="lies beside the submissions and is in none")
                continue
            who = submissions.get(parts[0])
            if who is not None:
                yield from _of_each(who, entry, "/".join(parts[1:]))
            elif parts[0] not in seen:
                yield Problem(path=parts[0], why=f"is not named in {LISTING}")
            seen.add(parts[0])
        for folder, who in submissions.items():
            if folder not in seen:
                yield from _empty_slots(folder, who)


def _parse(data: bytes, path: str) -> dict[str, dict[str, Any]]:
    """Folder of a submission: its entry. Raises BadInput with the place where the YAML is wrong."""
    try:
        content = _built(yaml.parse(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, ValueError) as problem:
        raise BadInput(f"{path} is not the YAML that Gradescope exports: {one_line(problem)}.") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path} is not a map from submissions to submitters.")
    return {folder: entry for folder, entry in content.items() if isinstance(entry, dict)}


def _built(events: Iterable[Any]) -> Any:
    """The first document as maps, lists and texts. Raises ValueError for what a listing does not hold.

    An alias is the very value that its anchor has, so nothing grows.
    """
    root: list[Any] = []
    open_: list[_Open] = [_Open(root)]
    anchors: dict[str, Any] = {}
    for count, event in enumerate(events):
        if count > MAX_EVENTS:
            raise ValueError("it holds too much")
        if isinstance(event, yaml.DocumentEndEvent):
            break
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                raise ValueError(f"the alias {event.anchor!r} names nothing")
            open_[-1].put(anchors[event.anchor])
        elif isinstance(event, yaml.NodeEvent):
            _refuse_tag(event.tag)
            value: Any = _text(event) if isinstance(event, yaml.ScalarEvent) else []
            value = {} if isinstance(event, yaml.MappingStartEvent) else value
            open_[-1].put(value)
            if event.anchor:
                anchors[event.anchor] = value
            if not isinstance(event, yaml.ScalarEvent):
                open_.append(_Open(value))
        elif isinstance(event, yaml.CollectionEndEvent):
            open_.pop()
        if len(open_) > MAX_DEPTH:
            raise ValueError(f"it is nested deeper than {MAX_DEPTH}")
    return root[0] if root else None


class _Open:
    """A map or list that is being filled."""

    def __init__(self, value: Any) -> None:
        self._value = value
        self._key: Any = _Open

    def put(self, item: Any) -> None:
        """The next item; in a map, a key or its value. A key that is no text names nothing."""
        if isinstance(self._value, list):
            self._value.append(item)
        elif self._key is _Open:
            self._key = item if isinstance(item, str) else None
        else:
            if self._key is not None:
                self._value[self._key] = item
            self._key = _Open


def _refuse_tag(tag: str | None) -> None:
    if tag and (not tag.startswith(PLAIN_TAGS) or tag.startswith(FORBIDDEN_TAGS)):
        raise ValueError(f"it has the tag {tag[:80]!r}")


def _text(scalar: Any) -> str:
    """The scalar as it is written; nothing for YAML's ways to write nothing."""
    is_plain = scalar.style in (None, "")
    return "" if is_plain and scalar.value.casefold() in ("~", "null") else str(scalar.value)


def one_line(problem: Exception) -> str:
    """What went wrong, short enough for a line."""
    return " ".join(str(problem).split())[:200]


def _empty_slots(folder: str, who: dict[str, Any]) -> Iterator[Item]:
    why = f"is named in {LISTING}, and there are no files of it"
    students = _submitters(who)
    if not students:
        yield Problem(path=folder, why=why)
    for student in students:
        yield EmptySlot(student=student, path=folder, why=why)


def _submitters(who: dict[str, Any]) -> list[Student]:
    submitters = _symbol(who, "submitters")
    people = [person_of(item) for item in submitters] if isinstance(submitters, list) else []
    return [person for person in people if person is not None]


def _of_each(who: dict[str, Any], entry: Entry, inner: str) -> Iterator[Item]:
    students = _submitters(who)
    if not students:
        yield Problem(path=entry.path, why=f"{LISTING} names no submitter for it")
    for student in students:
        created = time_of(_symbol(who, "created_at"))
        yield SubmittedFile(student=student, entry=entry, inner=inner, submitted_at=created)


def _symbol(mapping: dict[str, Any], key: str) -> Any:
    """The value of `:key`, or of `key` as newer exports may write it."""
    return mapping.get(f":{key}", mapping.get(key))


def person_of(item: Any) -> Student | None:
    """Whom an entry of a listing names; None where it names nobody."""
    if not isinstance(item, dict):
        return None
    fields = {key: _plain_value(_symbol(item, key)) for key in ("name", "sid", "email", "id")}
    return _student(fields)


def _plain_value(value: Any) -> str:
    """A text or a number of the listing; nothing for anything else."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _student(fields: dict[str, str]) -> Student | None:
    number = fields["sid"] or fields["email"] or fields["id"] or fields["name"]
    if not number:
        return None
    lms_id = fields["email"] or fields["id"]
    return Student(id=number, name=fields["name"], email=fields["email"], lms_id=lms_id)


def time_of(value: Any) -> datetime | None:
    """A time as Ruby writes it into YAML (`2026-03-01 10:00:00.123456789 Z`), or as JSON has it."""
    text = re.sub(r"(\.[0-9]{1,6})[0-9]*", r"\1", str(value)[:80])
    text = re.sub(r"\s+(?=[Z+-])", "", text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
