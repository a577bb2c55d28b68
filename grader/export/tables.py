"""Tables as CSV whose every cell is text to every spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from grader.export.wording import printable

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a cell for a formula, the full-width forms too."""


def safe(text: str) -> str:
    """A cell of text that is text in every spreadsheet."""
    text = printable(text)
    return f"'{text}" if text.startswith(DANGEROUS) else text


def rows_as_csv(rows: Iterable[Iterable[str]]) -> str:
    """RFC 4180: commas, CRLF."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()
