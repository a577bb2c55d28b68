"""`kata dev blind`: how a suite does with answers that its author has not seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.dev.verify import counter
from grader.cli.errors import exits
from grader.cli.session import Session, pass_session
from grader.report.look import Look, clean

if TYPE_CHECKING:
    from grader.authoring.blind import BlindResult


@click.command("blind")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("name", metavar="[KATA]", required=False)
@click.option(
    "--seeds", type=click.IntRange(1, 100), default=1, show_default=True, help="Judge under seeds 0 to N-1."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Judges at once (default: one per core).")
@click.option("--isolation", type=click.Choice(["full", "best", "none"]), default="best", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Every answer under every seed, as a list.")
@pass_session
@exits
def command(
    session: Session,
    folder: Path,
    name: str | None,
    seeds: int,
    jobs: int | None,
    isolation: str,
    as_json: bool,
) -> int:
    """Judge answers by people who do not know the suite.

    DIR has honest_*.py, answers in different styles, and wrong_*.py, which each break one sentence. Their
    authors have only statement, stub and rules. Put the files in a folder per kata, or name KATA. Exit
    code: 1 unless every honest answer is accepted and every wrong one rejected.

    \b
    Examples:
      kata dev blind answers/
      kata dev blind answers/12_cancel_cleanly --seeds 10
    """
    from grader.authoring.blind import blind_answers, judge_blind
    from grader.engine.jobs import Setup
    from grader.engine.local import Engine, LocalPool

    kata = None if name is None else session.catalog.find(name)
    answers = blind_answers(folder, session.catalog, kata)
    engines: dict[int, Engine] = {
        seed: LocalPool(
            Setup(seed=seed, isolation=isolation, katas=str(session.catalog.folder), explain=False), jobs
        )
        for seed in range(seeds)
    }
    results = judge_blind(answers, engines, counter("answers", as_json))
    if as_json:
        click.echo(json.dumps([_as_json(result) for result in results], indent=2))
    else:
        click.echo(_told(results, session.out))
    return 0 if all(result.is_as_due for result in results) else 1


def _told(results: list[BlindResult], look: Look) -> str:
    lines = []
    for kata in dict.fromkeys(result.kata.name for result in results):
        of_kata = [result for result in results if result.kata.name == kata]
        lines.append(f"{kata:<26} {_rates(of_kata)}")
    wrongly = [result for result in results if not result.is_as_due]
    for result in wrongly:
        how = "was accepted" if result.accepted else result.why
        words = f"{result.kata.name}/{result.file.name}, seed {result.seed}: {how}"
        lines.append(look.wrap(clean(words), "    "))
    return "\n".join([*lines, f"In all: {_rates(results)}"])


def _rates(results: list[BlindResult]) -> str:
    return ", ".join(_rate(results, kind, word) for kind, word in _KINDS.items())


_KINDS = {"honest": "accepted", "wrong": "rejected"}


def _rate(results: list[BlindResult], kind: str, word: str) -> str:
    of_kind = [result for result in results if result.kind == kind]
    due = sum(result.is_as_due for result in of_kind)
    share = f" ({100 * due / len(of_kind):.0f} %)" if of_kind else ""
    return f"{kind} {due} of {len(of_kind)} {word}{share}"


def _as_json(result: BlindResult) -> dict[str, object]:
    return {
        "kata": {"number": result.kata.number, "slug": result.kata.slug},
        "file": result.file.name,
        "kind": result.kind,
        "seed": result.seed,
        "accepted": result.accepted,
        "as_due": result.is_as_due,
        "why": result.why,
    }
