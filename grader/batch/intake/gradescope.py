"""Gradescope: the instructor's export of an assignment, and the container that runs an autograder.

The export has `submission_metadata.yml`, a map from a submission's folder to who handed it in, with
Ruby's symbols as keys (`:submitters`, `:created_at`). It is read as data and never as objects: tags
of Ruby are dropped, other tags refused. A group has several submitters, and each gets the hand-in.

The container has `submission_metadata.json` beside the folder `submission`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import yaml  # type: ignore[import-untyped]  # PyYAML ships no types; what it returns is checked here

from grader.batch.intake.handins import Problem, Student
from grader.batch.intake.layout import Found, Item, Lacking, named, read_listing
from grader.batch.intake.tree import Entry, Tree
from grader.errors import BadInput
from grader.records import Kata

LISTING = "submission_metadata.yml"
CONTAINER_LISTING = "submission_metadata.json"
CONTAINER_FOLDER = "submission"


class _DataLoader(yaml.SafeLoader):  # type: ignore[misc]  # its base is untyped, see the import
    """YAML's plain values only; what Ruby marks as its own is read as the plain value it looks like.

    The loader in Python and not the faster one in C, which deep nesting can crash.
    """


def _plain(loader: Any, suffix: str, node: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_DataLoader.add_multi_constructor("!ruby/", _plain)


class GradescopeExport:
    """`submission_metadata.yml` and a folder per submission."""

    name = "gradescope"

    def recognises(self, tree: Tree, katas: Sequence[Kata]) -> bool:
        """Whether the listing is there, at the root or one folder down."""
        return named(tree, LISTING) is not None

    def find(self, tree: Tree, katas: Sequence[Kata]) -> Iterator[Item]:
        """The listing says whose each folder is; what it does not name is a problem, and so is what it
        names and is not there."""
        listing = named(tree, LISTING)
        if listing is None:
            raise BadInput(f"There is no {LISTING} in {tree.label}.")
        depth = len(listing.parts) - 1
        submissions = _parse(read_listing(tree, listing), listing.path)
        seen: set[str] = set()
        for entry in tree.entries:
            parts = entry.parts[depth:]
            if entry is listing:
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
                yield from _lacking(folder, who)


def _parse(data: bytes, path: str) -> dict[str, dict[str, Any]]:
    """Folder of a submission: its entry. Raises BadInput with the place where the YAML is wrong."""
    try:
        content = yaml.load(data, Loader=_DataLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise BadInput(f"{path} is not the YAML that Gradescope exports: {_one_line(problem)}.") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path} is not a map from submissions to submitters.")
    return {str(folder): entry for folder, entry in content.items() if isinstance(entry, dict)}


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:200]


def _lacking(folder: str, who: dict[str, Any]) -> Iterator[Item]:
    why = f"is named in {LISTING}, and there are no files of it"
    students = _submitters(who)
    if not students:
        yield Problem(path=folder, why=why)
    for student in students:
        yield Lacking(student=student, path=folder, why=why)


def _submitters(who: dict[str, Any]) -> list[Student]:
    submitters = _symbol(who, "submitters")
    people = [_person(item) for item in submitters] if isinstance(submitters, list) else []
    return [person for person in people if person is not None]


def _of_each(who: dict[str, Any], entry: Entry, inner: str) -> Iterator[Item]:
    students = _submitters(who)
    if not students:
        yield Problem(path=entry.path, why=f"{LISTING} names no submitter for it")
    for student in students:
        created = _time(_symbol(who, "created_at"))
        yield Found(student=student, entry=entry, inner=inner, submitted_at=created)


def _symbol(mapping: dict[str, Any], key: str) -> Any:
    """The value of `:key`, or of `key` as newer exports may write it."""
    return mapping.get(f":{key}", mapping.get(key))


def _person(item: Any) -> Student | None:
    if not isinstance(item, dict):
        return None
    fields = {key: str(_symbol(item, key) or "") for key in ("name", "sid", "email", "id")}
    return _student(fields)


def _student(fields: dict[str, str]) -> Student | None:
    number = fields.get("sid") or fields["email"] or fields["id"] or fields["name"]
    if not number:
        return None
    lms_id = fields["email"] or fields["id"]
    return Student(id=number, name=fields["name"], email=fields["email"], lms_id=lms_id)


def _time(value: Any) -> datetime | None:
    """A time from YAML (which has read it already) or JSON (which has not)."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


class GradescopeContainer:
    """`/autograder`: one submission and its metadata."""

    name = "gradescope-container"

    def recognises(self, tree: Tree, katas: Sequence[Kata]) -> bool:
        """Whether the metadata lies beside a folder `submission`."""
        listing = named(tree, CONTAINER_LISTING, deepest=0)
        return listing is not None and any(entry.parts[0] == CONTAINER_FOLDER for entry in tree.entries)

    def find(self, tree: Tree, katas: Sequence[Kata]) -> Iterator[Item]:
        """Every file of the submission, for every member of its group."""
        listing = named(tree, CONTAINER_LISTING, deepest=0)
        if listing is None:
            raise BadInput(f"There is no {CONTAINER_LISTING} in {tree.label}.")
        metadata = _parse_json(read_listing(tree, listing))
        created = _time(metadata.get("created_at"))
        due = _time(_mapping(metadata.get("assignment")).get("due_date"))
        late = bool(created and due and _comparable(created, due) and created > due)
        users = metadata.get("users")
        people = [_person(user) for user in users] if isinstance(users, list) else []
        students = [person for person in people if person is not None] or [Student(id="submission")]
        for entry in tree.entries:
            if entry.parts[0] == CONTAINER_FOLDER and len(entry.parts) > 1:
                inner = "/".join(entry.parts[1:])
                for student in students:
                    yield Found(student=student, entry=entry, inner=inner, submitted_at=created, late=late)


def _parse_json(data: bytes) -> dict[str, Any]:
    try:
        return _mapping(json.loads(data))
    except (ValueError, RecursionError) as problem:
        raise BadInput(f"{CONTAINER_LISTING} is not JSON: {_one_line(problem)}.") from None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _comparable(one: datetime, other: datetime) -> bool:
    return (one.tzinfo is None) == (other.tzinfo is None)
