"""`kata list`: the katas by unit, with how far the learner is."""

from __future__ import annotations

import json
from itertools import groupby

import click

from grader.catalog import UNITS
from grader.cli.errors import exits
from grader.cli.session import Session, pass_session
from grader.records import Kata
from grader.report.look import Look, cells, fit
from grader.workspace import Progress

STATES = ("untouched", "tried", "accepted")
_MARKS = {"untouched": (" ", "faint"), "tried": ("…", "warn"), "accepted": ("✓", "good")}


_ROOM_FOR_SLUGS = 72
"""Columns below which a line has number, title and state only."""


@click.command("list")
@click.option("--unit", type=int, help="Only this unit.")
@click.option("--state", type=click.Choice(STATES), help="Only katas in this state.")
@click.option("--concept", help="Only katas that teach this, e.g. gather.")
@click.option("--json", "as_json", is_flag=True, help="One object per kata, as a list.")
@pass_session
@exits
def command(
    session: Session, unit: int | None, state: str | None, concept: str | None, as_json: bool
) -> None:
    """List the katas by unit, and how far you are with each.

    … marks a kata that you have tried, ✓ one that is accepted.

    \b
    Examples:
      kata list --state tried
      kata list --unit 2
      kata list --concept cancellation
    """
    here = session.workspace_here
    progress = here.progress() if here else Progress()
    katas = [
        kata
        for kata in session.catalog
        if unit in (None, kata.unit)
        and state in (None, progress.of(kata).state)
        and (concept is None or any(concept.lower() in known.lower() for known in kata.concepts))
    ]
    if as_json:
        click.echo(json.dumps([_as_json(kata, progress) for kata in katas], indent=2))
        return
    for line in lines(katas, progress, session.out):
        click.echo(line)
    if here is None:
        click.echo("\nThis folder is not a workspace: make one with `kata init`.")


def lines(katas: list[Kata], progress: Progress, look: Look) -> list[str]:
    """The katas by unit, one line each."""
    shown: list[str] = []
    width = max((cells(kata.title) for kata in katas), default=0)
    for unit, group in groupby(katas, key=lambda kata: kata.unit):
        title = f": {UNITS[unit]}" if unit in UNITS else ""
        shown += [*([""] if shown else []), look.paint(f"Unit {unit}{title}", "bold")]
        shown += [_line(kata, progress.of(kata).state, look, width) for kata in group]
    return shown or ["No kata matches these filters."]


def _line(kata: Kata, state: str, look: Look, width: int) -> str:
    mark, style = _MARKS[state]
    mark = look.paint(look.glyphs(mark), style)
    slug = f"{kata.slug:<22} " if look.width >= _ROOM_FOR_SLUGS else ""
    left = look.width - len(f"  x 11  {slug}  {state}")
    title = look.glyphs(fit(kata.title, max(10, min(width, left))))
    return f"  {mark} {kata.number:>2}  {slug}{title}  {look.paint(state, style)}"


def _as_json(kata: Kata, progress: Progress) -> dict[str, object]:
    return {
        "number": kata.number,
        "slug": kata.slug,
        "title": kata.title,
        "unit": kata.unit,
        "concepts": kata.concepts,
        "after": kata.after,
        "state": progress.of(kata).state,
    }
