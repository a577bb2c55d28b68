"""`kata dev mutate`: how much a suite sees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from grader.cli.dev.verify import counter, named
from grader.cli.errors import exits
from grader.cli.session import Session, pass_session
from grader.report.look import Look, clean

if TYPE_CHECKING:
    from grader.authoring.mutate import Score, Survivor


@click.command("mutate")
@click.argument("names", metavar="[KATA]...", nargs=-1)
@click.option("--jobs", type=click.IntRange(min=1), help="Judges at once (default: one per core).")
@click.option("--isolation", type=click.Choice(["full", "best", "none"]), default="best", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="A list with one object per kata.")
@pass_session
@exits
def command(session: Session, names: tuple[str, ...], jobs: int | None, isolation: str, as_json: bool) -> int:
    """Break accepted answers and see that the suite rejects them.

    One thing at a time: an await dropped, a gather made sequential, a lock removed, and so on. Exit code: 1
    if a mutant survives that solutions/NN_slug/equivalent.toml does not list with a reason. If a survivor is
    no mistake, put the lines shown below it there.

    \b
    Examples:
      kata dev mutate 4
      kata dev mutate --json > scores.json
    """
    from grader.authoring.mutate import mutate
    from grader.engine.jobs import Setup
    from grader.engine.local import LocalPool

    folder = str(session.catalog.folder)
    setup = Setup(seed=0, isolation=isolation, katas=folder, explain=False, stop_at_failure=True)
    scores = mutate(named(session, names), LocalPool(setup, jobs), counter("mutants", as_json))
    if as_json:
        click.echo(json.dumps([_as_json(score) for score in scores], indent=2))
    else:
        for score in scores:
            click.echo(_told(score, session.out))
    return 1 if any(score.survivors or score.problems for score in scores) else 0


def _told(score: Score, look: Look) -> str:
    bad = score.survivors or score.problems
    sign = look.paint(look.glyphs("✗"), "bad") if bad else look.paint(look.glyphs("✓"), "good")
    counted = f"{score.killed} killed, {len(score.survivors)} survived, {score.equivalent} equivalent"
    lines = [f"{sign} {score.kata.name:<26} {score.percent:5.1f} %  {counted}"]
    for survivor in score.survivors:
        lines.append(f"    {survivor.file.name}:{survivor.line}: {survivor.operator}")
        lines += [look.paint(f"      {clean(line)}", _style(line)) for line in survivor.diff]
        lines += [look.paint(f"      {clean(line)}", "faint") for line in survivor.entry.splitlines()]
    return "\n".join([*lines, *(look.wrap(clean(problem), "    ") for problem in score.problems)])


def _style(line: str) -> str:
    return "bad" if line.startswith("-") else "good"


def _as_json(score: Score) -> dict[str, object]:
    return {
        "kata": {"number": score.kata.number, "slug": score.kata.slug},
        "percent": score.percent,
        "killed": score.killed,
        "equivalent": score.equivalent,
        "survivors": [_survivor_as_json(survivor) for survivor in score.survivors],
        "problems": score.problems,
    }


def _survivor_as_json(survivor: Survivor) -> dict[str, object]:
    return {
        "file": survivor.file.name,
        "line": survivor.line,
        "operator": survivor.operator,
        "was": survivor.was,
        "diff": survivor.diff,
    }
