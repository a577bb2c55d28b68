"""What flows through intake: each step takes some of these and gives some of these.

SubmittedFile, EmptySlot   from the layout, and with their students named
PythonFile, SupportFile, OtherFile, HiddenFile   once the files are read
Answer   once the kata is matched
Problem   from any step: what an instructor has to know
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum, auto

from grader.intake.handins import Problem, Student
from grader.intake.tree import Entry
from grader.records import Record

EMPTY = "holds no files"
STRANGER = "is a repository that the grades CSV does not name"
"""Says that somebody is not in the class list, so nothing else has to."""


class SubmittedFile(Record, frozen=True):
    """One file and whose it is. Which kata it answers is told later, alike for all formats."""

    student: Student
    entry: Entry
    inner: str
    """The file's path as the student named it, below what the learning system put in front."""
    own: str | None = None
    """The end of `inner` whose folders the student made for sure; None for all of it."""
    kata: str = ""
    """The kata where the format itself says it (`--pattern`)."""
    submitted_at: datetime | None = None
    late: bool = False
    attempt: int = 0
    online_text: bool = False
    """Typed into a web form: source wrapped in HTML."""


class EmptySlot(Record, frozen=True):
    """A student for whom there is a place, and nothing in it."""

    student: Student
    path: str
    why: str = EMPTY
    """What an instructor reads of it; nothing where something else is said."""


Item = SubmittedFile | EmptySlot | Problem
"""What a layout makes of a tree, a piece at a time."""


def home_of(item: SubmittedFile | EmptySlot) -> str:
    """The folder or file that the learning system made for this student."""
    if isinstance(item, EmptySlot):
        return item.path
    return item.entry.path.removesuffix(f"/{item.inner}")


class PythonFile(Record, frozen=True):
    """A file of Python that may be an answer."""

    origin: SubmittedFile
    path: str
    """Where it lay: inside a student's own zip as `outer.zip!inner.py`."""
    source: bytes


class SupportFile(Record, frozen=True):
    """A test, a conftest or packaging, which is never an answer and is not read."""

    student_id: str
    path: str
    own: str
    """Its path as far as the student made it for sure."""
    slug: str = ""
    """The kata graded here that its own name says, where only a folder makes it a test."""


class OtherFile(Record, frozen=True):
    """A file that is no Python."""

    student_id: str
    path: str


class HiddenFile(Record, frozen=True):
    """Python that is hidden or in a virtual environment: it is not read."""

    student_id: str
    """Empty where the place is nobody's."""
    path: str


NoAnswer = OtherFile | HiddenFile | Problem
"""What the steps that follow only pass on."""


class Sureness(Enum):
    """What says that a file is an answer to its kata."""

    SURE = auto()
    """The file itself, by its name or by what it defines, or the instructor."""
    BY_FOLDER = auto()
    """Only the folder that it lies in."""
    BY_SCOPE = auto()
    """Nothing, but only one kata is graded."""
    NOT_GRADED = auto()
    """It is an answer to a kata that is not graded."""
    UNKNOWN = auto()
    """Nothing, and several katas are graded."""


class Answer(Record, frozen=True):
    """A file with the kata that it may answer."""

    file: PythonFile
    sureness: Sureness
    slug: str = ""
    why: str = ""
    """Why no kata can be told."""
