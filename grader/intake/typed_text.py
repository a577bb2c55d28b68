"""Source that was typed into a web form, out of the HTML that the learning system made of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator


def typed_text(page: bytes) -> bytes:
    """Source that was typed into a web form: the text of its HTML, a line per paragraph or break.

    Every character is passed once, whatever is opened and never closed.
    """
    text = "".join(_text_of(page.decode("utf-8", errors="replace")))
    text = html.unescape(LONG_REFERENCE.sub("\N{REPLACEMENT CHARACTER}", text)).replace("\xa0", " ")
    return text.strip("\n").encode("utf-8", errors="replace") + b"\n"


LONG_REFERENCE = re.compile(r"&#x?[0-9a-f]{9,};?", re.I)
"""No character has so large a number, and Python refuses to read very long ones."""
TAG = re.compile(r"<(?:[/!]|(?=[a-z]))([a-z0-9]*)", re.I)
BREAKS = re.compile(r"<br\s*/?|</(?:p|div|li|pre|h[0-9])\s*", re.I)
UNSEEN = ("script", "style", "head")
"""What stands in these is not shown."""


def _text_of(page: str) -> Iterator[str]:
    """The page without its tags, and without what is not shown."""
    unclosed: set[str] = set()
    place = 0
    while (start := page.find("<", place)) >= 0:
        yield page[place:start]
        tag, end = TAG.match(page, start), page.find(">", start)
        if end < 0:
            place = start
            break
        if tag is None:
            yield "<"
            place = start + 1
            continue
        place = end + 1
        name = tag[1].lower()
        if name in UNSEEN and page[start + 1] not in "/!" and name not in unclosed:
            closing = re.compile(rf"</{name}\s*>", re.I).search(page, place)
            if closing is None:
                unclosed.add(name)
            else:
                place = closing.end()
        elif BREAKS.fullmatch(page, start, end):
            yield "\n"
    yield page[place:]
