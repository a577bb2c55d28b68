"""`kata progress`: what is done, the streak, what is next."""

from __future__ import annotations

import json
from itertools import groupby

import click

from grader.catalog import UNITS, Catalog
from grader.cli.errors import exits
from grader.cli.session import Session, pass_session
from grader.records import Kata
from grader.report.look import Look, fit
from grader.workspace import Progress

_BAR, _SHORT_BAR, _NAME = 20, 8, 32
_ROOM_FOR_ALL = 70
"""Columns below which the bar is short and names are cut."""


@click.command("progress")
@click.option("--json", "as_json", is_flag=True, help="One object on stdout.")
@pass_session
@exits
def command(session: Session, as_json: bool) -> None:
    """Show accepted katas per unit, your streak and what is next."""
    progress = session.workspace.progress()
    streak = progress.streak(session.now().date())
    following = progress.next_kata(session.catalog)
    if as_json:
        click.echo(json.dumps(_as_json(session.catalog, progress, streak, following), indent=2))
        return
    for unit, group in groupby(session.catalog, key=lambda kata: kata.unit):
        click.echo(_unit_line(unit, list(group), progress, session.out))
    done, attempts = len(_accepted(session.catalog, progress)), _attempts(session.catalog, progress)
    click.echo(f"\n{done} of {len(session.catalog)} accepted in {attempts} attempts.")
    if streak:
        click.echo(f"Streak: {streak} {'day' if streak == 1 else 'days'} in a row.")
    if following:
        click.echo(f"Next: `kata show {following.number}` ({following.title}).")


def _accepted(katas: Catalog | list[Kata], progress: Progress) -> list[Kata]:
    return [kata for kata in katas if progress.of(kata).state == "accepted"]


def _attempts(katas: Catalog, progress: Progress) -> int:
    return sum(progress.of(kata).attempts for kata in katas)


def _unit_line(unit: int, katas: list[Kata], progress: Progress, look: Look) -> str:
    done = len(_accepted(katas, progress))
    head, tail = f"Unit {unit} ", f" {done} of {len(katas)}"
    bar = _BAR if look.width >= _ROOM_FOR_ALL else _SHORT_BAR
    name = fit(UNITS.get(unit, ""), max(1, min(_NAME, look.width - len(head + tail) - bar - 2)))
    filled = bar * done // len(katas)
    return look.glyphs(f"{head}{name} {'█' * filled}{'░' * (bar - filled)}{tail}")


def _as_json(catalog: Catalog, progress: Progress, streak: int, following: Kata | None) -> dict[str, object]:
    return {
        "katas": {kata.slug: progress.of(kata).state for kata in catalog},
        "accepted": len(_accepted(catalog, progress)),
        "attempts": _attempts(catalog, progress),
        "streak_days": streak,
        "next": following.slug if following else None,
    }
