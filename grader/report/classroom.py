"""A class as one HTML page: who has what, what went wrong most, and what an instructor must look at.

Like every page of ours it fetches nothing, runs nothing and escapes everything from outside. Nothing is
told by colour alone: each cell has a sign and words, each bar its number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import escape
from unicodedata import combining, normalize

from msgspec.structs import replace

from grader.records import Verdict
from grader.report.classroom_facts import (
    Classroom,
    Person,
    Result,
    Trouble,
    distribution,
    failed_checks,
    judged,
    misconceptions,
    waiting,
)
from grader.report.classroom_style import STYLE
from grader.report.html import document
from grader.report.look import clean_line
from grader.report.terminal import WORDS
from grader.trace.misconceptions import misconception_named

MOST_CHECKS = 20
UNSURE = (Verdict.JUDGE_ERROR, Verdict.STALLED)


def class_page(classroom: Classroom) -> str:
    """The page, students by name; of those with one name, by it and the id."""
    counts = Counter(person.name for person in classroom.people)
    people = (
        replace(person, name=_called(person)) if counts[person.name] > 1 else person
        for person in sorted(classroom.people, key=_by_name)
    )
    return document(classroom.title, _body(replace(classroom, people=tuple(people))), STYLE)


def _by_name(person: Person) -> tuple[list[tuple[str, int]], str]:
    """Without regard to case and accents, numbers by their size; of one name the id decides."""
    letters = (char for char in normalize("NFKD", person.name or person.id) if not combining(char))
    parts = re.findall(r"([^0-9]*)([0-9]{0,18})", "".join(letters).casefold())
    return [(text, int(digits or 0)) for text, digits in parts], person.id


def text(value: str) -> str:
    """Text from anywhere as markup: one line, without control characters, escaped."""
    return escape(clean_line(value))


def mood(verdict: Verdict | None) -> str:
    """`good`, `bad`, `unsure`, or `none` for what was not judged."""
    if verdict is None:
        return "none"
    if verdict is Verdict.ACCEPTED:
        return "good"
    return "unsure" if verdict in UNSURE else "bad"


def sign(verdict: Verdict | None) -> str:
    """A mark to see; its words stand beside it."""
    return {"good": "✓", "bad": "✗", "unsure": "?", "none": "·"}[mood(verdict)]


def words(verdict: Verdict | None) -> str:
    """The verdict in words."""
    return "not judged" if verdict is None else WORDS[verdict]


def _body(classroom: Classroom) -> Iterator[str]:
    yield '<main class="class">'
    yield from _header(classroom)
    yield from _grid(classroom)
    yield from _distribution(classroom)
    yield from _checks(classroom)
    yield from _misconceptions(classroom)
    yield from _to_look_at(classroom)
    yield "</main>"


def _header(classroom: Classroom) -> Iterator[str]:
    levels = Counter(judgement.isolation.value for _, judgement in judged(classroom))
    isolation = ", ".join(f"{count} {level}" for level, count in sorted(levels.items())) or "nothing judged"
    missing = [person for person in classroom.people if not person.results]
    facts = [
        ("Students", str(len(classroom.people))),
        ("Katas", str(len(classroom.katas))),
        ("Judged", str(levels.total())),
        *([("Not judged yet", str(left))] if (left := waiting(classroom)) else []),
        ("Isolation in force", isolation),
        ("Seed", _seeds([judgement.seed for _, judgement in judged(classroom)])),
        ("Handed in nothing", str(len(missing))),
        ("Problems", str(len(classroom.problems))),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    yield f'<header class="plain"><h1>{text(classroom.title)}</h1><dl class="figures">{rows}</dl></header>'


def _seeds(seeds: list[int]) -> str:
    """A class has one for each submission, unless `kata grade` was given one for all."""
    if not seeds:
        return "none"
    return str(seeds[0]) if len(set(seeds)) == 1 else "one for each submission: see csv-long or jsonl"


# -- the grid --------------------------------------------------------------------------------------
def _grid(classroom: Classroom) -> Iterator[str]:
    yield '<section aria-labelledby="grid"><h2 id="grid">Students by katas</h2>'
    yield '<div class="wide" role="region" aria-labelledby="grid" tabindex="0"><table class="grid">'
    yield (
        "<caption>Points under the policy. ✓ accepted, ✗ not accepted, ? could not be judged, "
        "· not judged yet, #2 the second attempt; an empty cell was not handed in.</caption>"
    )
    heads = "".join(
        f'<th scope="col"><abbr title="{text(kata.title)}">{kata.number:02d}</abbr></th>'
        for kata in classroom.katas
    )
    yield f'<thead><tr><th scope="col">Student</th>{heads}<th scope="col">Total</th></tr></thead><tbody>'
    for person in classroom.people:
        yield _row(classroom, person)
    yield f"</tbody><tfoot>{_accepted_row(classroom)}{_worth_row(classroom)}</tfoot></table></div></section>"


def _row(classroom: Classroom, person: Person) -> str:
    section = f' <span class="soft">{text(person.section)}</span>' if person.section else ""
    name = text(person.name or person.id)
    head = f'<th scope="row"><a href="{escape(person.page)}">{name}</a>{section}</th>'
    cells = "".join(_cell(person.results.get(kata.slug)) for kata in classroom.katas)
    total = "-" if person.total is None else f"{person.total:g}"
    return f"<tr>{head}{cells}<td>{total}</td></tr>"


def _cell(result: Result | None) -> str:
    if result is None:
        return '<td><span class="unseen">not handed in</span></td>'
    verdict = result.judgement.verdict if result.judgement else None
    said = words(verdict) + (f", {text(result.lateness)}" if result.lateness else "")
    said += f", {result.attempts} attempts" if result.attempts > 1 else ""
    points = "-" if result.points is None else f"{result.points:g}"
    late = '<span class="late" aria-hidden="true">late</span>' if result.lateness else ""
    again = f' <span class="soft" aria-hidden="true">#{result.attempts}</span>' if result.attempts > 1 else ""
    seen = f'<span class="sign" aria-hidden="true">{sign(verdict)}</span> {points}{late}{again}'
    return f'<td class="{mood(verdict)}" title="{said}">{seen}<span class="unseen"> {said}</span></td>'


def _accepted_row(classroom: Classroom) -> str:
    cells = []
    for kata in classroom.katas:
        results = [person.results[kata.slug] for person in classroom.people if kata.slug in person.results]
        made = [result.judgement for result in results if result.judgement is not None]
        cells.append(f"<td>{sum(judgement.accepted for judgement in made)} of {len(made)}</td>")
    return f'<tr><th scope="row">Accepted</th>{"".join(cells)}<td></td></tr>'


def _worth_row(classroom: Classroom) -> str:
    cells = "".join(f"<td>{kata.worth:g}</td>" for kata in classroom.katas)
    total = sum(kata.worth for kata in classroom.katas)
    return f'<tr><th scope="row">Points possible</th>{cells}<td>{total:g}</td></tr>'


# -- statistics ------------------------------------------------------------------------------------
def _distribution(classroom: Classroom) -> Iterator[str]:
    bands = distribution(classroom)
    most = max((count for _, count in bands), default=0)
    yield '<section aria-labelledby="spread"><h2 id="spread">Distribution</h2><table class="facts-table">'
    yield "<caption>Students who have a mark, by their share of all points.</caption>"
    yield '<thead><tr><th scope="col">Share</th><th scope="col">Students</th></tr></thead><tbody>'
    for name, count in bands:
        yield f'<tr><th scope="row">{name}</th><td>{_bar(count, most)} {count}</td></tr>'
    yield "</tbody></table></section>"


def _bar(count: int, most: int, good: bool = True) -> str:
    """A bar whose number stands beside it, so it is for the eye alone."""
    warning = "" if good else ' low="0" high="0" optimum="0"'
    return f'<meter min="0" max="{max(most, 1)}" value="{count}"{warning} aria-hidden="true"></meter>'


def _checks(classroom: Classroom) -> Iterator[str]:
    found = failed_checks(classroom)
    yield '<section aria-labelledby="checks"><h2 id="checks">Checks most failed</h2>'
    if not found:
        yield "<p>None has failed.</p></section>"
        return
    yield '<table class="facts-table"><caption>Of the attempts that count.</caption><thead><tr>'
    yield '<th scope="col">Check</th><th scope="col">Kata</th><th scope="col">Failed</th></tr></thead><tbody>'
    numbers = {kata.slug: kata for kata in classroom.katas}
    for slug, title, failed, seen in found[:MOST_CHECKS]:
        kata = f"{numbers[slug].number:02d} {text(numbers[slug].title)}"
        share = f"{_bar(failed, seen, good=False)} {failed} of {seen}"
        yield f'<tr><th scope="row">{text(title)}</th><td>{kata}</td><td>{share}</td></tr>'
    yield "</tbody></table></section>"


def _misconceptions(classroom: Classroom) -> Iterator[str]:
    found = misconceptions(classroom)
    yield '<section aria-labelledby="misconceptions"><h2 id="misconceptions">Misconceptions</h2>'
    if not found:
        yield "<p>None was recognised.</p></section>"
        return
    yield '<table class="facts-table">'
    yield "<caption>What failed checks have in common, and in whose code.</caption>"
    yield '<thead><tr><th scope="col">Misconception</th><th scope="col">Students</th>'
    yield '<th scope="col">Who</th></tr></thead><tbody>'
    for name, people in found:
        known = misconception_named(name)
        why = f'<p class="soft">{text(known.why)}</p>' if known else ""
        title = text(known.title if known else name)
        links = ", ".join(
            f'<a href="{escape(person.page)}">{text(person.name or person.id)}</a>' for person in people
        )
        yield f'<tr><th scope="row">{title}{why}</th><td>{len(people)}</td><td>{links}</td></tr>'
    yield "</tbody></table></section>"


def _to_look_at(classroom: Classroom) -> Iterator[str]:
    """What a person has to look at: what could not be judged, could not be placed, or is not there."""
    yield '<section aria-labelledby="look"><h2 id="look">To look at</h2>'
    lines = [_trouble(trouble) for trouble in classroom.problems]
    if left := waiting(classroom):
        are = "hand-in is" if left == 1 else "hand-ins are"
        lines.insert(0, f"{left} {are} not judged yet: run <code>kata grade</code> again.")
    missing = [text(_called(person)) for person in classroom.people if not person.results]
    if missing:
        lines.append(f"Nothing was handed in by {'; '.join(missing)}.")
    if lines:
        yield "<ul>" + "".join(f"<li>{line}</li>" for line in lines) + "</ul>"
    else:
        yield "<p>Nothing.</p>"
    yield "</section>"


def _trouble(trouble: Trouble) -> str:
    where = text(trouble.where)
    where = f'<a href="{escape(trouble.page)}">{where}</a>' if trouble.page else where
    return f"{where}: {text(trouble.why)}"


def _called(person: Person) -> str:
    """The name with the id behind it: names have commas, and two people may have the same."""
    behind = f" ({person.id})"
    if person.name in ("", person.id):
        return person.id
    return person.name if person.name.endswith(behind) else person.name + behind
