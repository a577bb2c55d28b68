"""One student's page: every kata they handed in, why it was judged so, drawn, with a hint to go on.

It says nothing that only instructors may know: no seeds, since a run may have been given one for all
(`--seed`), and nothing of what our own errors quote, which may be a suite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from grader.records import CheckResult, Judgement, Record, Verdict
from grader.report.classroom import mood, sign, text, words
from grader.report.classroom_facts import Column, Result
from grader.report.classroom_style import STYLE
from grader.report.html import document
from grader.report.look import clean, clip
from grader.report.svg import timeline_svg
from grader.trace.misconceptions import misconception_named

AROUND = 2
"""Lines of the source shown above and below the one in question."""


class Chapter(Record, frozen=True):
    """One kata of the student."""

    number: int
    slug: str
    title: str
    result: Result
    """Its judgement with its timelines."""
    source: str
    hints: tuple[str, ...] = ()
    """The kata's hints as Markdown, in order; () where they must not be shown."""


class StudentView(Record, frozen=True):
    """All that the page is about."""

    name: str
    total: float | None
    """None where nothing of what they handed in was judged."""
    worth: float
    chapters: tuple[Chapter, ...]
    missing: tuple[Column, ...] = ()
    """Katas that they did not hand in, and others did."""


def student_page(student: StudentView) -> str:
    """The page, for the student's own eyes."""
    return document(f"Results of {student.name}", _body(student), STYLE)


def _body(student: StudentView) -> Iterator[str]:
    yield f'<main><header class="plain"><p class="kicker">Results</p><h1>{text(student.name)}</h1>'
    yield f'<p class="score">{_score(student)}</p>'
    yield f"{_contents(student)}</header>"
    for chapter in student.chapters:
        yield from _chapter(chapter)
    yield from _missing(student)
    yield "</main>"


def _score(student: StudentView) -> str:
    if student.total is None:
        return f"<strong>No mark yet</strong>; {student.worth:g} points are possible"
    return f"<strong>{student.total:g}</strong> of {student.worth:g} points"


def _missing(student: StudentView) -> Iterator[str]:
    if student.missing:
        yield '<section class="kata" aria-labelledby="missing"><h2 id="missing">Not handed in</h2><ul>'
        for kata in student.missing:
            yield f"<li>Kata {kata.number:02d}: {text(kata.title)} ({kata.worth:g} points)</li>"
        yield "</ul></section>"


def _contents(student: StudentView) -> str:
    items = "".join(
        f'<li><a class="{_mood(chapter)}" href="#{_anchor(chapter)}">{_sign(chapter)} {chapter.number:02d} '
        f'{text(chapter.title)}<span class="unseen">: {_words(chapter)}</span></a></li>'
        for chapter in student.chapters
    )
    return f'<nav aria-label="Katas"><ul class="toc">{items}</ul></nav>'


def _anchor(chapter: Chapter) -> str:
    return f"kata-{chapter.number:02d}"


def _mood(chapter: Chapter) -> str:
    return mood(chapter.result.judgement.verdict if chapter.result.judgement else None)


def _sign(chapter: Chapter) -> str:
    seen = sign(chapter.result.judgement.verdict if chapter.result.judgement else None)
    return f'<span class="sign" aria-hidden="true">{seen}</span>'


def _words(chapter: Chapter) -> str:
    return words(chapter.result.judgement.verdict if chapter.result.judgement else None)


def _chapter(chapter: Chapter) -> Iterator[str]:
    anchor, result = _anchor(chapter), chapter.result
    yield f'<section class="kata {_mood(chapter)}" id="{anchor}" aria-labelledby="{anchor}-title">'
    yield f'<h2 id="{anchor}-title">Kata {chapter.number:02d}: {text(chapter.title)}</h2>'
    yield f'<p class="verdict">{_sign(chapter)} {_words(chapter).capitalize()}</p>'
    points = "no mark yet" if result.points is None else f"{result.points:g} of {result.worth:g} points"
    late = f", {text(result.lateness)}" if result.lateness else ""
    attempts = "1 attempt" if result.attempts == 1 else f"{result.attempts} attempts, of which this counts"
    yield f'<p class="score">{points}{late}; {attempts}</p>'
    if result.judgement is not None:
        for position, check in enumerate(result.judgement.checks):
            yield from _check(check, chapter, f"{anchor}-{position}")
        if not result.judgement.accepted:
            yield from _hint(chapter, result.judgement)
        yield _facts(result.judgement)
    yield "</section>"


def _check(check: CheckResult, chapter: Chapter, anchor: str) -> Iterator[str]:
    yield f'<article class="check {mood(check.verdict)}" id="{anchor}"><h3>'
    yield f'<span class="sign" aria-hidden="true">{sign(check.verdict)}</span> {text(check.title)}'
    yield f'<span class="badge">{words(check.verdict)}</span></h3>'
    if not check.passed:
        yield from _reason(check, chapter, anchor)
    yield "</article>"


def _reason(check: CheckResult, chapter: Chapter, anchor: str) -> Iterator[str]:
    if check.verdict is Verdict.JUDGE_ERROR:
        yield '<p class="rationale">It could not be judged, which is no fault of yours.</p>'
        return
    if check.rationale:
        yield f'<p class="rationale">{escape(clean(check.rationale))}</p>'
    if check.line is not None:
        yield _excerpt(chapter.source, check.line)
    known = misconception_named(check.misconception)
    if known is not None:
        yield f'<aside class="misconception"><h4>Misconception: {text(known.title)}</h4>'
        yield f"<p>{text(known.why)}</p>"
        yield f'<p class="pointer">In the documentation of asyncio: {text(known.section)}.</p></aside>'
    if check.timeline is not None and check.timeline.spans:
        yield f'<figure class="timeline">{timeline_svg(check.timeline, check.best, name=anchor)}</figure>'


def _excerpt(source: str, line: int) -> str:
    """The line in question with its neighbours, marked for the eye and in words."""
    lines = source.replace("\r\n", "\n").split("\n")
    if not 1 <= line <= len(lines):
        return f'<p class="place">Line {line} of your file.</p>'
    shown = range(max(1, line - AROUND), min(len(lines), line + AROUND) + 1)
    rows = []
    for number in shown:
        row = f"{number:>4}  {escape(clean(clip(lines[number - 1])))}"
        rows.append(f'<span class="here">{row}</span>' if number == line else row)
    return f'<p class="place">Line {line} of your file:</p><pre class="excerpt">{chr(10).join(rows)}</pre>'


def _hint(chapter: Chapter, judgement: Judgement) -> Iterator[str]:
    """The hint that the first known misconception points to, else the first."""
    known = [misconception_named(check.misconception) for check in judgement.checks if not check.passed]
    step = next((entry.hint_step for entry in known if entry is not None), 1)
    if 0 < step <= len(chapter.hints):
        yield f'<details class="hint"><summary>A hint</summary>{prose(chapter.hints[step - 1])}</details>'


def _facts(judgement: Judgement) -> str:
    facts = [
        ("Isolation", judgement.isolation.value),
        ("Judged by", f"kata {text(judgement.grader)} on Python {text(judgement.python)}"),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f'<dl class="facts">{rows}</dl>'


def prose(markdown: str) -> str:
    """A hint's Markdown as markup: paragraphs, lists' lines, code; its heading is left out."""
    parts = []
    for position, block in enumerate(re.split(r"^```.*\n?", markdown, flags=re.MULTILINE)):
        if position % 2:
            parts.append(f"<pre>{escape(block.rstrip())}</pre>")
            continue
        for paragraph in re.split(r"\n\s*\n", block):
            lines = [line for line in paragraph.strip().splitlines() if not line.startswith("#")]
            if lines:
                parts.append(f"<p>{_spans(' '.join(lines))}</p>")
    return "".join(parts)


def _spans(line: str) -> str:
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(line))
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", marked)
