"""What all our pages share: one frame, one style sheet, and one environment that trusts no text.

A template cannot forget to escape: whatever it shows is first rid of control characters and then escaped,
unless it is `Markup`, which is made in this module only. And text that slipped through all the same could
do nothing: the page's own policy forbids scripts and requests, and allows two style sheets by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from grader.diagnosis import misconception_named
from grader.records import CheckResult, Record, Verdict
from grader.report import svg
from grader.report.look import clean, clip
from grader.report.terminal import WORDS
from grader.trace.axis import format_ns

TEMPLATES = Path(__file__).parent / "templates"
UNSURE = (Verdict.JUDGE_ERROR, Verdict.STALLED)


class SourceLine(Record, frozen=True):
    """A line of the learner's file, and the checks that point to it."""

    number: int
    text: str
    blamed_by: tuple[CheckResult, ...] = ()


def lines_of(source: str) -> list[str]:
    """The file's lines as Python numbers them: it knows fewer line breaks than `str.splitlines`."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines if lines[-1] else lines[:-1]


def render_page(template: str, **values: object) -> str:
    """The page that a template of ours makes of these values, as the file's text."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,  # whatever the template's name ends in
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "anchor": _anchor,
        "clip": clip,
        "duration": format_ns,
        "mood": mood,
        "number": _number,
        "prose": prose,
        "prose_line": prose_line,
        "sign": _sign,
        "words": words,
    }
    made.globals |= {"drawing": _drawing, "misconception_named": misconception_named, **_sheets()}
    return made


def _shown(value: Any) -> Any:
    """What stands for a value on a page: text without escapes, control and bidirectional characters."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _number(value: float) -> str:
    return f"{value:g}"


def _anchor(check: CheckResult) -> str:
    """What links to the check on a page of one judgement call it."""
    safe = (char if char.isascii() and (char.isalnum() or char == "_") else "-" for char in check.id)
    return "check-" + "".join(safe)


# -- verdicts --------------------------------------------------------------------------------------
def mood(verdict: Verdict | None) -> str:
    """`good`, `bad`, `unsure`, or `none` for what was not judged."""
    if verdict is None:
        return "none"
    if verdict is Verdict.ACCEPTED:
        return "good"
    return "unsure" if verdict in UNSURE else "bad"


def _sign(verdict: Verdict | None) -> str:
    return {"good": "✓", "bad": "✗", "unsure": "?", "none": "·"}[mood(verdict)]


def words(verdict: Verdict | None) -> str:
    """The verdict in words."""
    return "not judged" if verdict is None else WORDS[verdict]


# -- markup ----------------------------------------------------------------------------------------
# All markup that no template escapes is made here, each kind with the reason why it may stand as it is.
def _drawing(check: CheckResult, name: str) -> Markup:
    """The check's timelines. `report.svg` escapes every text that it draws; its tests try any text at all."""
    assert check.timeline is not None
    return Markup(svg.timeline_svg(check.timeline, check.best, name=name))


def _sheets() -> dict[str, Markup | str]:
    """Our own style sheet, which is no text from outside, and what the policy calls it and the drawings'."""
    sheet = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    digests = (hashlib.sha256(style.encode()).digest() for style in (sheet, svg.STYLE))
    sources = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return {"sheet": Markup(sheet), "style_sources": sources}


_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
"""HTML in Markdown is text, no image is fetched, and its renderer escapes text and refuses links that act."""


def prose(markdown: str) -> Markup:
    """A hint or a statement as markup. Its headings are left out: where it stands has one of its own."""
    tokens = _without_headings(_MARKDOWN.parse(clean(markdown)))
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def prose_line(markdown: str) -> Markup:
    """A sentence or two as markup, without a paragraph around it."""
    return Markup(_MARKDOWN.renderInline(clean(markdown)))


def _without_headings(tokens: list[Token]) -> list[Token]:
    kept, inside = [], False
    for token in tokens:
        inside = inside or token.type == "heading_open"
        if not inside:
            kept.append(token)
        inside = inside and token.type != "heading_close"
    return kept
