"""Moodle's "Download all submissions": a zip of folders, or flat.

Folders: `{full name}_{participant id}_assignsubmission_{file|onlinetext}[_]/...`; flat:
`{full name}_{participant id}_assignsubmission_{file|onlinetext}_{file}`. Names may hold anything, so
the pattern is anchored at its right end. Teams have the group's name and id in place of a person's.
Marked blindly, everybody is called "Participant", in the site's language. The zip's times are when a
file was uploaded, in the server's own zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from grader.batch.intake.handins import Problem, Student
from grader.batch.intake.layout import Found, Item, Lacking
from grader.batch.intake.tree import Tree
from grader.records import Kata

PART = re.compile(
    r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<file>.*))?", re.S
)

NOBODYS_NAME = re.compile(r"participante?|partecipante|teilnehmer(in)?|deelnemer|uczestnik|osallistuja", re.I)
"""What stands in the place of names where marking is blind."""


class Moodle:
    """A Moodle zip, or the folder it was unpacked to."""

    name = "moodle"

    def recognises(self, tree: Tree, katas: Sequence[Kata]) -> bool:
        """Whether any path says `assignsubmission`."""
        return any(_split(entry.parts) for entry in tree.entries)

    def find(self, tree: Tree, katas: Sequence[Kata]) -> Iterator[Item]:
        """One student per participant id."""
        for entry in tree.entries:
            split = _split(entry.parts)
            if not split:
                yield Problem(path=entry.path, why="is not in a folder as Moodle names submissions")
                continue
            hit, inner = split
            yield Found(
                student=_student(hit),
                entry=entry,
                inner=inner,
                submitted_at=entry.modified,
                online_text=hit["kind"] == "onlinetext",
            )
        for folder in tree.bare:
            empty = PART.fullmatch(PurePosixPath(folder).name)
            if empty:
                yield Lacking(student=_student(empty), path=folder)


def _student(hit: re.Match[str]) -> Student:
    name = "" if NOBODYS_NAME.fullmatch(hit["name"]) else hit["name"]
    return Student(id=hit["id"], name=name, lms_id=hit["id"])


def _split(parts: tuple[str, ...]) -> tuple[re.Match[str], str] | None:
    """The part that Moodle made, and what the student's own names below it were."""
    for index, part in enumerate(parts):
        hit = PART.fullmatch(part)
        if hit:
            below = parts[index + 1 :]
            return hit, "/".join(below) or hit["file"] or "onlinetext.html"
    return None
