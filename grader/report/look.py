"""How text may look where it goes: width, colour, and which characters the terminal can show.

Nothing here or in its callers depends on colour alone, and no text of a learner's reaches a terminal
before `clean` has taken the escapes and control characters out of it.
"""

from __future__ import annotations

import os
import re
import shutil
import textwrap
import unicodedata
from typing import TextIO

from grader.records import Record

_PROBE = "✓✗·…│━█░▚"
_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?|\x9b[0-?]*[ -/]*[@-~]?"
)
_STYLES = {"bold": "1", "faint": "2", "good": "32", "bad": "31", "warn": "33", "accent": "36"}
_ASCII = str.maketrans(
    {"✓": "+", "✗": "x", "·": "-", "…": "~", "│": "|", "━": "=", "█": "#", "░": ".", "▚": "X"}
)
_QUOTED = re.compile("`[^`\n]*`")
_HELD_BLANK = "\ue000"  # for private use: in no text of ours, and `clean` has taken it out of others'
MAX_WIDTH = 100
"""Prose wider than this is hard to read, however wide the terminal."""
MOST_COLUMNS = 200
"""Of a line of source on a page: a file of a megabyte may be a single line."""


class Look(Record, frozen=True):
    """What a terminal, a pipe or a file can show."""

    width: int = 80
    colour: bool = False
    unicode: bool = True

    def paint(self, text: str, style: str) -> str:
        """The text in a style: bold, faint, good, bad, warn or accent."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.colour and text else text

    def glyphs(self, text: str) -> str:
        """The text with our own signs replaced where they cannot be shown. Same length."""
        return text if self.unicode else text.translate(_ASCII)

    def wrap(self, text: str, indent: str = "") -> str:
        """Prose filled to the width; line breaks in it stay, and what is in backticks is on one line."""
        width = max(20, min(self.width, MAX_WIDTH))
        held = _QUOTED.sub(lambda quoted: quoted[0].replace(" ", _HELD_BLANK), text)
        filled = (
            textwrap.fill(
                line,
                width,
                initial_indent=indent,
                subsequent_indent=indent,
                break_on_hyphens=False,
                break_long_words="`" not in line,
            )
            for line in held.splitlines()
        )
        return "\n".join(filled).replace(_HELD_BLANK, " ")


def look_of(stream: TextIO) -> Look:
    """What this stream can show; `NO_COLOR` and `TERM=dumb` are obeyed, `FORCE_COLOR` for those who pipe."""
    terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
    colour = not os.environ.get("NO_COLOR") and (terminal or bool(os.environ.get("FORCE_COLOR")))
    return Look(width=shutil.get_terminal_size().columns, colour=colour, unicode=_can_show(stream))


def can_redraw(stream: TextIO) -> bool:
    """Whether the cursor may be moved on it: a terminal, and plain output is not asked for."""
    return stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("NO_COLOR")


def _can_show(stream: TextIO) -> bool:
    try:
        _PROBE.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def clean(text: str) -> str:
    """Text of unknown origin without terminal escapes, control characters and bidirectional overrides.

    Line feeds stay, tabs become four blanks; what is taken out leaves a mark only if it was no escape.
    """
    text = _ESCAPES.sub("", text.replace("\r\n", "\n")).replace("\t", "    ")
    return "".join(char if char == "\n" or unicodedata.category(char)[0] != "C" else "�" for char in text)


def clean_line(text: str) -> str:
    """`clean`, and all of it on one line; blanks within a line stay, for a path may have several in a row."""
    return " ".join(stripped for line in clean(text).splitlines() if (stripped := line.strip()))


def clip(text: str, most: int = MOST_COLUMNS) -> str:
    """The text, or as much of it as a page has room for, with an ellipsis."""
    return text if len(text) <= most else text[:most] + "…"


def cells(text: str) -> int:
    """How many columns the text takes up: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(char) for char in text)


def _cells_of(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def fit(text: str, width: int) -> str:
    """The text in exactly `width` columns: padded with blanks, or cut with an ellipsis."""
    if cells(text) > width:
        while text and cells(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - cells(text))
