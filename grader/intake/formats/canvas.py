"""Canvas's "Download submissions": one flat zip, everything said in the file names.

`{name}[_LATE]_{user id}_{attachment id}_{file}`, name being the sortable name in lower case without
anything but word characters (so it may hold `_`; `_7_` in it is written `-7-`); anonymous marking has
`anon[_LATE]_{anonymous id}`. Typed answers are `{name}[_LATE]_{user id}_text.html`. A file uploaded again
gets `-1`, `-2` behind its stem. What follows the attachment's id is the student's: read from the left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from grader.intake.handins import Problem, Student
from grader.intake.items import Item, SubmittedFile
from grader.intake.layout import Layout, Signs, places
from grader.intake.tree import Tree
from grader.records import Kata

ATTACHMENT = re.compile(
    r"(?:anon(?P<anon_late>_LATE)?_(?P<anon>[^\W_]{4,})|(?P<name>[\w-]+?)(?P<late>_LATE)?_(?P<user>[0-9]+))"
    r"_(?:[0-9]+_(?P<file>.+)|(?P<text>text)\.html)",
    re.S,
)
AGAIN = re.compile(r"-(\d{1,3})(?=\.[^.]+$)")


class Canvas(Layout):
    """A Canvas zip, or the folder it was unpacked to."""

    name = "canvas"
    rank = 4
    about = 'Canvas\'s "Download submissions", zipped or unpacked'

    def signs(self, tree: Tree, depth: int) -> Signs:
        """Every file is named so, and there is nothing else."""
        names = [place.name for place in places(tree, depth)]
        return Signs(
            fitting=tuple(name for name in names if ATTACHMENT.fullmatch(name)),
            others=tuple(name for name in names if not ATTACHMENT.fullmatch(name)),
        )

    def find(self, tree: Tree, depth: int, katas: Sequence[Kata]) -> Iterator[Item]:
        """Canvas says whether a hand-in was late and never when it came."""
        for entry in tree.entries:
            hit = ATTACHMENT.fullmatch("/".join(entry.parts[depth:]))
            if not hit:
                yield Problem(path=entry.path, why="is not named as Canvas names submissions")
                continue
            user = hit["user"] or hit["anon"]
            file = hit["file"] or "text.html"
            again = AGAIN.search(file)
            yield SubmittedFile(
                student=Student(id=user, name=hit["name"] or "", lms_id=user),
                entry=entry,
                inner=AGAIN.sub("", file),
                late=bool(hit["late"] or hit["anon_late"]),
                attempt=int(again[1]) if again else 0,
                online_text=bool(hit["text"]),
            )

    @classmethod
    def feedback_prefix(cls, source: PurePosixPath, folder: str) -> str | None:
        """As its own file began, of which the attachment's number is part: a typed answer has none."""
        for part in source.parts:  # the outermost is Canvas's; further in, a student may have named it so
            if hit := ATTACHMENT.fullmatch(part):
                return part[: hit.start("file")] if hit["file"] else None
        return None
