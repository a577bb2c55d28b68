"""Moodle's "Download all submissions": a zip of folders, or flat.

Folders: `{full name}_{participant id}_assignsubmission_{file|onlinetext}[_]/...`: the folder's whole name,
read from its end, for what is inside it is the student's and nothing behind it is. Flat:
`{full name}_{participant id}_assignsubmission_{file|onlinetext}_{file}`, read from its beginning: Moodle
writes no `_` in a full name, and what follows the first marker is the student's. Teams have the group's name
and id in place of a person's. Marked blindly, everybody is called "Participant", in the site's language. The
zip's times are when a file was uploaded, in the server's own zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from grader.intake.handins import Problem, Student
from grader.intake.items import EmptySlot, Item, SubmittedFile
from grader.intake.layout import Layout, Signs, places
from grader.intake.tree import Tree
from grader.records import Kata

MARKER = r"_(?P<id>[0-9]+)_assignsubmission_(?P<kind>file|onlinetext)"
FOLDER = re.compile(rf"(?P<name>.+){MARKER}_?", re.S)
FLAT = re.compile(rf"(?P<name>.+?){MARKER}_(?P<file>.+)", re.S)

NOBODYS_NAME = re.compile(r"participante?|partecipante|teilnehmer(in)?|deelnemer|uczestnik|osallistuja", re.I)
"""What stands in the place of names where marking is blind."""


class Moodle(Layout):
    """A Moodle zip, or the folder it was unpacked to."""

    name = "moodle"
    rank = 3
    about = 'Moodle\'s "Download all submissions", in folders or flat, zipped or unpacked'

    def signs(self, tree: Tree, depth: int) -> Signs:
        """All are folders that are named so, or all are files that are."""
        here = places(tree, depth)
        named = [place for place in here if FOLDER.fullmatch(place.name)]
        folders = [place.name for place in named if place.is_folder or place.is_refused]
        files = [place.name for place in here if not place.is_folder and FLAT.fullmatch(place.name)]
        fitting = folders if any(place.is_folder for place in named) else files
        return Signs(
            fitting=tuple(fitting),
            others=tuple(place.name for place in here if place.name not in fitting),
        )

    def find(self, tree: Tree, depth: int, katas: Sequence[Kata]) -> Iterator[Item]:
        """One student per participant id."""
        for entry in tree.entries:
            place, *below = entry.parts[depth:] or ("",)
            hit = FOLDER.fullmatch(place) if below or entry.refused else None
            hit = hit or (None if below else FLAT.fullmatch(place))
            if not hit:
                yield Problem(path=entry.path, why="is not in a folder as Moodle names submissions")
                continue
            yield SubmittedFile(
                student=_student(hit),
                entry=entry,
                inner="/".join(below) or hit.groupdict().get("file", place),
                submitted_at=entry.modified,
                online_text=hit["kind"] == "onlinetext",
            )
        for folder in tree.bare:
            parts = PurePosixPath(folder).parts[depth:]
            empty = FOLDER.fullmatch(parts[0]) if len(parts) == 1 else None
            if empty:
                yield EmptySlot(student=_student(empty), path=folder)

    @classmethod
    def feedback_prefix(cls, source: PurePosixPath, folder: str) -> str | None:
        """Below the folder that Moodle made, or beside the file if it made no folders."""
        for part in source.parts[:-1]:
            if FOLDER.fullmatch(part):
                return f"{part}/"
        hit = FLAT.fullmatch(source.name)
        return source.name[: hit.start("file")] if hit else None


def _student(hit: re.Match[str]) -> Student:
    name = "" if NOBODYS_NAME.fullmatch(hit["name"]) else hit["name"]
    return Student(id=hit["id"], name=name, lms_id=hit["id"])
