"""A judgement as one HTML page: nothing is fetched, nothing runs, everything from outside is escaped.

The Content-Security-Policy in the page forbids scripts and requests of every kind and allows two style
sheets by their hashes, so that text which slipped through the escaping could still do nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html import escape

from grader.records import CheckResult, Judgement, Verdict
from grader.report import svg
from grader.report.html_style import STYLE
from grader.report.look import clean, clean_line, clip
from grader.report.svg import timeline_svg
from grader.report.terminal import WORDS
from grader.trace.axis import format_ns
from grader.trace.misconceptions import misconception_named

_MOST_SOURCE_LINES = 3000
_UNSURE = (Verdict.JUDGE_ERROR, Verdict.STALLED)


def judgement_html(judgement: Judgement, source: str) -> str:
    """The whole page: verdict, checks with their explanations and timelines, and the learner's file."""
    title = f"Kata {judgement.number}: {clean_line(judgement.title)}"
    return document(title, _body(judgement, source))


def document(title: str, body: Iterable[str], *styles: str) -> str:
    """A self-contained page around `body`, which must be markup with all text in it escaped.

    `styles` are what a kind of page adds to the common style sheet.
    """
    sheets = " ".join(_source(style) for style in (STYLE, *styles, svg.STYLE))
    policy = f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src {sheets}"
    head = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_line(title)}</title>",
        *(f"<style>{style}</style>" for style in (STYLE, *styles)),
        "</head>",
        "<body>",
    ]
    return "\n".join([*head, *body, "</body>", "</html>", ""])


def _source(style: str) -> str:
    """What a policy calls one style sheet: the hash of its text."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _line(text: str) -> str:
    return escape(clean_line(text))


def _block(text: str) -> str:
    return escape(clean(text))


def _body(judgement: Judgement, source: str) -> Iterator[str]:
    yield "<main>"
    yield from _header(judgement)
    yield '<section aria-labelledby="checks"><h2 id="checks">Checks</h2>'
    for check in judgement.checks:
        yield from _check(check)
    yield "</section>"
    yield from _file(judgement, source)
    yield from _footer(judgement)
    yield "</main>"


def _header(judgement: Judgement) -> Iterator[str]:
    passed = sum(check.passed for check in judgement.checks)
    yield f'<header class="{_mood(judgement.verdict)}">'
    yield f'<p class="kicker">Kata {judgement.number:02d}</p>'
    yield f"<h1>{_line(judgement.title)}</h1>"
    yield f'<p class="verdict">{_sign(judgement.verdict)} {_verdict_words(judgement.verdict)}</p>'
    yield (
        f'<p class="score"><strong>{judgement.points:g}</strong> of {judgement.max_points:g} points '
        f"<span>{passed} of {len(judgement.checks)} checks passed</span></p>"
    )
    yield _meter(judgement)
    yield "</header>"


def _meter(judgement: Judgement) -> str:
    """One segment per check, so that the page can be taken in at a glance; said in words beside it."""
    segments = "".join(
        f'<a class="{_mood(check.verdict)}" href="#{_anchor(check)}" title="{_line(check.title)}">'
        f"{_sign(check.verdict)}</a>"
        for check in judgement.checks
    )
    return f'<nav class="meter" aria-label="Checks">{segments}</nav>'


def _mood(verdict: Verdict) -> str:
    if verdict is Verdict.ACCEPTED:
        return "good"
    return "unsure" if verdict in _UNSURE else "bad"


def _sign(verdict: Verdict) -> str:
    sign = {"good": "✓", "bad": "✗", "unsure": "?"}[_mood(verdict)]
    return f'<span class="sign" aria-hidden="true">{sign}</span>'


def _verdict_words(verdict: Verdict) -> str:
    if verdict is Verdict.ACCEPTED:
        return "Accepted"
    return f"{'Not judged' if verdict in _UNSURE else 'Not accepted'}: {WORDS[verdict]}"


def _anchor(check: CheckResult) -> str:
    return "check-" + "".join(
        char if char.isascii() and (char.isalnum() or char == "_") else "-" for char in check.id
    )


def _check(check: CheckResult) -> Iterator[str]:
    yield f'<article class="check {_mood(check.verdict)}" id="{_anchor(check)}">'
    points = f"{check.points:g} / {check.max_points:g}"
    yield (
        f"<h3>{_sign(check.verdict)}<span>{_line(check.title)}</span>"
        f'<span class="badge">{WORDS[check.verdict]}</span>{_took(check)}'
        f'<span class="points" title="points">{points}</span></h3>'
    )
    if check.rationale:
        yield f'<p class="rationale">{_block(check.rationale)}</p>'
    yield from _place(check)
    yield from _misconception(check)
    yield from _figures(check)
    if check.timeline is not None and check.timeline.spans:
        yield f'<figure class="timeline">{timeline_svg(check.timeline, check.best, name=check.id)}</figure>'
    if check.output.strip():
        yield f"<details><summary>What it printed</summary><pre>{_block(check.output)}</pre></details>"
    yield "</article>"


def _took(check: CheckResult) -> str:
    """How long a check that passed took; one that failed has its figures below."""
    if not check.passed or check.elapsed_virtual_ns is None:
        return ""
    return f'<span class="took" title="virtual time">{format_ns(check.elapsed_virtual_ns)}</span>'


def _place(check: CheckResult) -> Iterator[str]:
    told = []
    if check.line is not None:
        told.append(f'<a href="#L{check.line}">Line {check.line}</a> of your file')
    if check.seed is not None:
        told.append(f"seen under seed {check.seed}")
    if told:
        yield f'<p class="place">{", ".join(told)}.</p>'


def _misconception(check: CheckResult) -> Iterator[str]:
    known = misconception_named(check.misconception)
    if known is None:
        return
    yield '<aside class="misconception">'
    yield f"<h4>Misconception: {_line(known.title)}</h4>"
    yield f"<p>{_line(known.why)}</p>"
    yield (
        f'<p class="pointer">Hint {known.hint_step} is about it. '
        f"In the documentation of asyncio: {_line(known.section)}.</p>"
    )
    yield "</aside>"


def _figures(check: CheckResult) -> Iterator[str]:
    """What the clock and the wire say of a check that failed; only what is known."""
    if check.passed:
        return
    figures = [
        ("took", None if check.elapsed_virtual_ns is None else format_ns(check.elapsed_virtual_ns)),
        ("possible", None if check.best_virtual_ns is None else format_ns(check.best_virtual_ns)),
        ("peak in flight", None if check.peak_in_flight is None else str(check.peak_in_flight)),
    ]
    known = [(words, value) for words, value in figures if value is not None]
    if known:
        rows = "".join(f"<div><dt>{words}</dt><dd>{value}</dd></div>" for words, value in known)
        yield f'<dl class="figures">{rows}</dl>'


def _file(judgement: Judgement, source: str) -> Iterator[str]:
    """The learner's file, numbered; lines that a check points to are marked and say by which."""
    blamed: dict[int, list[CheckResult]] = {}
    for check in judgement.checks:
        if not check.passed and check.line is not None:
            blamed.setdefault(check.line, []).append(check)
    lines = source.replace("\r\n", "\n").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    yield '<section aria-labelledby="file"><h2 id="file">Your file</h2><div class="file"><table>'
    for number, text in enumerate(lines[:_MOST_SOURCE_LINES], start=1):
        yield _source_line(number, text, blamed.get(number, []))
    yield "</table></div>"
    if len(lines) > _MOST_SOURCE_LINES:
        yield f"<p>And {len(lines) - _MOST_SOURCE_LINES} more lines.</p>"
    yield "</section>"


def _source_line(number: int, text: str, checks: list[CheckResult]) -> str:
    row = f'<th scope="row">{number}</th><td><code>{_block(clip(text))}</code>'
    if not checks:
        return f'<tr id="L{number}">{row}</td></tr>'
    notes = "".join(
        f'<a class="note" href="#{_anchor(check)}">{_sign(check.verdict)} {_line(check.title)}</a>'
        for check in checks
    )
    return f'<tr id="L{number}" class="marked">{row}{notes}</td></tr>'


def _footer(judgement: Judgement) -> Iterator[str]:
    missing = f" ({_line(', '.join(judgement.isolation_missing))})" if judgement.isolation_missing else ""
    facts = [
        ("Replay", f"<code>kata check {judgement.number} --seed {judgement.seed}</code>"),
        ("Isolation", f"{judgement.isolation.value}{missing}"),
        ("Judged by", f"kata {_line(judgement.grader)} on Python {_line(judgement.python)}"),
        ("In", f"{judgement.elapsed_wall_ms} ms"),
        ("File", f"<code>{_line(judgement.submission_sha256[:12])}</code>"),
        ("Suite", f"<code>{_line(judgement.suite_digest[:12])}</code>"),
    ]
    rows = "".join(f"<div><dt>{words}</dt><dd>{value}</dd></div>" for words, value in facts)
    yield f'<footer><dl class="facts">{rows}</dl></footer>'
