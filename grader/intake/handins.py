"""The nouns of intake: who handed in what, when, and what could not be made sense of."""

from __future__ import annotations

from datetime import datetime

from grader.records import Record, Submission

SOURCE_BYTES = 1024 * 1024
"""A kata's answer is a few kilobytes. What is longer is cut here, with a note, and judged so."""


class Student(Record, frozen=True):
    """One person. `id` is the roster's where there is one, else the learning system's own."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    lms_id: str = ""
    """What the learning system calls this person: Canvas user, Moodle participant, GitHub login."""
    sis_id: str = ""
    login: str = ""

    @property
    def called(self) -> str:
        """The name with the id behind it, so that two of one name are told apart; else the id alone."""
        return f"{self.name} ({self.id})" if self.name and self.name != self.id else self.id


class Problem(Record, frozen=True):
    """Something in the intake that an instructor has to know of; never a verdict on anybody."""

    path: str
    """Where it is: a file or several, with the student's name behind them where no path says it; or who."""
    why: str
    student_id: str = ""
    more: int = 0
    """How many further problems of the same student this line stands for; 0 for a problem of its own."""


class Handin(Record, frozen=True):
    """One file of one student for one kata. Several may exist; the last of `newness` is the newest."""

    student: Student
    slug: str
    submission: Submission
    source_path: str
    """Where it lay: a path inside the folder or archive, `outer.zip!inner.py` inside a nested one."""
    submitted_at: datetime | None = None
    """As the learning system says it; without a zone where the system gives none; None where it says
    nothing (the time of a file on a disk is when it was copied, so it is never used for lateness)."""
    late: bool = False
    """The learning system's own flag."""
    newness: tuple[float, int, int] = (0.0, 0, 0)
    """Orders the hand-ins of one student for one kata: (time
    submitted as seconds since 1970, attempt, time of the file in ns). Zones are not known here for all
    systems, so times without one are read as UTC: within one export they all lack it alike."""


class Intake(Record, frozen=True):
    """All that was found in one place, in a fixed order."""

    format: str
    handins: tuple[Handin, ...]
    problems: tuple[Problem, ...]
    missing: tuple[Student, ...]
    """Students of the roster who handed in nothing."""
    students: tuple[Student, ...]
    """Everybody: of the roster, then those not on it who handed in, then those who only have problems."""
    has_roster: bool = False
    """Whether there is a class list: one that was given, or GitHub Classroom's own."""
