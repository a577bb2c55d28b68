"""The students' pages, to hand back: folders and files as the learning systems name them.

What a learning system takes back is its input format's to say (`Layout.feedback_prefix`): Moodle and Canvas
take files that begin as their own did; elsewhere a folder per student has to do.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from grader.export.exporter import Exporter, ExportOptions, ExportResult, write_bytes
from grader.export.names import folder_names
from grader.grading.marks import Ledger
from grader.intake.formats import format_named
from grader.records import Record

PAGE = "feedback.html"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The zip's times: the same marks make the same bytes."""


class FeedbackZip(Exporter):
    """`feedback.zip`: every student's page under the name that the learning system takes back."""

    name = "feedback"
    about = "the students' pages in a zip, named as the learning system takes them back"
    suffix = ".zip"
    is_for_people = True
    rank = 9

    def write(self, ledger: Ledger, out: Path, options: ExportOptions) -> ExportResult:
        """Writes `feedback.zip`, and names who is left out."""
        from grader.export.pages import student_html

        store = options.kept()
        layout = store.layout()
        places = feedback_places(ledger, layout)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for student in ledger.students:
                if student.id in places.paths:
                    entry = zipfile.ZipInfo(places.paths[student.id], EPOCH)
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, student_html(store, ledger, student))
        return ExportResult(
            paths=(write_bytes(out / "feedback.zip", packed.getvalue()),),
            notes=tuple(
                f"{student_id} is left out: {layout} takes files back to uploaded files only,"
                " and there is none"
                for student_id in places.left_out
            ),
        )


class Places(Record, frozen=True):
    """Where the pages go, and whose have nowhere to go."""

    paths: dict[str, str]
    """Student's id: the path."""
    left_out: tuple[str, ...] = ()
    """Ids of students to whose hand-ins the learning system takes nothing back."""


def feedback_places(ledger: Ledger, layout: str) -> Places:
    """Where each student's page lies in what is handed back to `layout` (`Intake.format`)."""
    names = folder_names(ledger.students)
    paths: dict[str, str] = {}
    left_out: list[str] = []
    for student in ledger.students:
        sources = [mark.attempt.source_path for _, mark in ledger.of(student) if mark is not None]
        path = _path(sources, names[student.id], layout)
        if sources and path:
            paths[student.id] = path
        elif sources:
            left_out.append(student.id)
    return Places(paths=paths, left_out=tuple(left_out))


def _path(sources: Iterable[str], name: str, layout: str) -> str:
    """The path by the first source that the system can take something back to; "" for none."""
    system = format_named(layout)
    lay = (PurePosixPath(source.partition("!")[0]) for source in sources)
    prefixes = (system.feedback_prefix(source, name) for source in lay)
    return next((prefix + PAGE for prefix in prefixes if prefix is not None), "")
