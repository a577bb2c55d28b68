"""The class as pages for a browser."""

from __future__ import annotations

from pathlib import Path

from grader.export.exporter import Exporter, ExportOptions, ExportResult, write_text
from grader.export.names import folder_names
from grader.grading.marks import Ledger

FOLDER = "students"


class Html(Exporter):
    """`index.html` and `students/<name>.html`."""

    name = "html"
    about = "a class page and a page per student"
    is_for_people = True
    rank = 8

    def write(self, ledger: Ledger, out: Path, options: ExportOptions) -> ExportResult:
        """Writes both; what is written is said by the class page."""
        from grader.export.pages import class_html, student_html

        pages = page_names(ledger)
        for student in ledger.students:
            write_text(out / pages[student.id], student_html(options.kept(), ledger, student))
        return ExportResult(paths=(write_text(out / "index.html", class_html(ledger, pages)),))


def page_names(ledger: Ledger) -> dict[str, str]:
    """Student's id: a path of letters, digits, `.`, `-` and `_`, one each, ending in `.html`."""
    return {id: f"{FOLDER}/{name}.html" for id, name in folder_names(ledger.students).items()}
