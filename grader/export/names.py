"""Names of files made from what students are called: safe on every system, and no two alike."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from grader.intake import Student

RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.I)
LONGEST = 60


def folder_names(students: Iterable[Student]) -> dict[str, str]:
    """Student's id: a name of letters, digits, `.`, `-` and `_` that no other has, whatever its case."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for student in students:
        name = file_name(student.id)
        if name.casefold() in taken:
            name += "-" + hashlib.sha256(student.id.encode(errors="replace")).hexdigest()[:8]
        taken.add(name.casefold())
        names[student.id] = name
    return names


def file_name(text: str) -> str:
    """The text as a file's name; what is left out is marked by `_`."""
    plain = re.sub(r"[^\w.\-]+", "_", unicodedata.normalize("NFC", text))[:LONGEST].strip(".")
    if not plain or RESERVED.fullmatch(plain):
        plain += "_"
    return plain
