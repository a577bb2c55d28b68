"""Gradescope's container that runs an autograder: its metadata as JSON beside the folder `submission`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from grader.errors import BadInput
from grader.intake.formats.gradescope import one_line, person_of, time_of
from grader.intake.handins import Student
from grader.intake.items import Item, SubmittedFile
from grader.intake.layout import Layout, Signs, listing, places, read_listing
from grader.intake.tree import Tree
from grader.records import Kata

LISTING = "submission_metadata.json"
FOLDER = "submission"


class GradescopeContainer(Layout):
    """`/autograder`: one submission and its metadata."""

    name = "gradescope-container"
    rank = 1
    about = "the `/autograder` of Gradescope's container: one submission, which a group may share"
    is_one_submission = True

    def signs(self, tree: Tree, depth: int) -> Signs:
        """The metadata beside a folder `submission`, at the root; what else lies there is the image's."""
        here = places(tree, depth) if depth == 0 and listing(tree, LISTING, 0) else []
        is_there = any(place.is_folder and place.name == FOLDER for place in here)
        return Signs(fitting=(LISTING,) if is_there else ())

    def find(self, tree: Tree, depth: int, katas: Sequence[Kata]) -> Iterator[Item]:
        """Every file of the submission, for every member of its group."""
        told = listing(tree, LISTING, 0)
        if told is None:
            raise BadInput(f"There is no {LISTING} in {tree.label}.")
        metadata = _parse_json(read_listing(tree, told))
        created = time_of(metadata.get("created_at"))
        due = time_of(_mapping(metadata.get("assignment")).get("due_date"))
        late = bool(created and due and _comparable(created, due) and created > due)
        users = metadata.get("users")
        people = [person_of(user) for user in users] if isinstance(users, list) else []
        students = [person for person in people if person is not None] or [Student(id="submission")]
        for entry in tree.entries:
            if entry.parts[0] == FOLDER and len(entry.parts) > 1:
                inner = "/".join(entry.parts[1:])
                for student in students:
                    yield SubmittedFile(
                        student=student, entry=entry, inner=inner, submitted_at=created, late=late
                    )


def _parse_json(data: bytes) -> dict[str, Any]:
    try:
        return _mapping(json.loads(data))
    except (ValueError, RecursionError) as problem:
        raise BadInput(f"{LISTING} is not JSON: {one_line(problem)}.") from None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _comparable(one: datetime, other: datetime) -> bool:
    return (one.tzinfo is None) == (other.tzinfo is None)
