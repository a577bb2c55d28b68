"""A CSV whose cells can be replaced one by one, every other byte staying as it is."""

from __future__ import annotations

from typing import NamedTuple


class Cell(NamedTuple):
    """One cell: its value, and where its raw text lies in the file's text."""

    value: str
    start: int
    end: int
    quoted: bool


class Sheet:
    """A CSV file in the encoding, with the delimiter and line ends, that it came in."""

    def __init__(self, data: bytes) -> None:
        self._encoding, self._mark = _encoding(data)
        self._text = data[len(self._mark) :].decode(self._encoding)
        heading = self._text.split("\n", 1)[0]
        self._delimiter = max(",;\t", key=heading.count)
        self.rows = _parse(self._text, self._delimiter)
        self._changes: dict[int, tuple[int, str]] = {}

    def replace(self, cell: Cell, value: str) -> None:
        """Puts a value in the place of a cell's, quoted where it must be or was."""
        special = (self._delimiter, '"', "\n", "\r")
        if cell.quoted or any(char in value for char in special) or value != value.strip():
            value = '"' + value.replace('"', '""') + '"'
        self._changes[cell.start] = (cell.end, value)

    def data(self) -> bytes:
        """The whole file."""
        parts, position = [], 0
        for start, (end, value) in sorted(self._changes.items()):
            parts += [self._text[position:start], value]
            position = end
        parts.append(self._text[position:])
        return self._mark + "".join(parts).encode(self._encoding, errors="replace")


def _encoding(data: bytes) -> tuple[str, bytes]:
    """(encoding, byte order mark)."""
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if data.startswith(mark):
            return encoding, mark
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1", b""
    return "utf-8", b""


def _parse(text: str, delimiter: str) -> list[list[Cell]]:
    """Rows of cells as RFC 4180 has them; a quote left open runs to the end."""
    rows: list[list[Cell]] = []
    position = 0
    while position < len(text):
        row: list[Cell] = []
        while True:
            cell, position = _cell(text, position, delimiter)
            row.append(cell)
            if position < len(text) and text[position] == delimiter:
                position += 1
                continue
            break
        if text.startswith("\r\n", position):
            position += 2
        elif position < len(text):
            position += 1
        if len(row) > 1 or row[0].value:
            rows.append(row)
    return rows


def _cell(text: str, start: int, delimiter: str) -> tuple[Cell, int]:
    """The cell that begins at `start`, and where the delimiter or line end behind it is."""
    if not text.startswith('"', start):
        end = start
        while end < len(text) and text[end] not in (delimiter, "\n", "\r"):
            end += 1
        return Cell(text[start:end], start, end, False), end
    end = start + 1
    parts: list[str] = []
    while True:
        close = text.find('"', end)
        if close < 0:
            return Cell("".join(parts) + text[end:], start, len(text), True), len(text)
        parts.append(text[end:close])
        if not text.startswith('""', close):
            break
        parts.append('"')
        end = close + 2
    end = close + 1
    while end < len(text) and text[end] not in (delimiter, "\n", "\r"):
        end += 1  # what stands behind a closing quote belongs to nobody; it stays with the cell
    return Cell("".join(parts), start, end, True), end
