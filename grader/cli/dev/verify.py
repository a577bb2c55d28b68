"""`kata dev verify`: the proof that katas are sound."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from grader.cli.errors import exits
from grader.cli.session import Session, pass_session
from grader.errors import BadInput
from grader.records import Kata
from grader.report.look import Look, can_redraw, clean

if TYPE_CHECKING:
    from grader.authoring.verify import Proof


@click.command("verify")
@click.argument("names", metavar="[KATA]...", nargs=-1)
@click.option("--jobs", type=click.IntRange(min=1), help="Judges at once (default: one per core).")
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of arguments and network."
)
@click.option("--isolation", type=click.Choice(["full", "best", "none"]), default="best", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="A list with one object per kata.")
@pass_session
@exits
def command(
    session: Session, names: tuple[str, ...], jobs: int | None, seed: int, isolation: str, as_json: bool
) -> int:
    """Judge all stubs and answers, and say what does not hold.

    The stub must be rejected, accepted answers pass, each rejected answer fail the check that its
    first line names, and each check reject something. No TODO may be left. Exit code: 1 if anything does
    not hold. Another --seed shows answers whose verdict depends on chance.

    \b
    Examples:
      kata dev verify
      kata dev verify 4 gather
      kata dev verify 4 --seed 7
    """
    from grader.authoring.verify import verify
    from grader.engine.jobs import Setup
    from grader.engine.local import LocalPool

    setup = Setup(seed=seed, isolation=isolation, katas=str(session.catalog.folder))
    proofs = verify(named(session, names), LocalPool(setup, jobs), counter("answers", as_json))
    if as_json:
        click.echo(json.dumps([_as_json(proof) for proof in proofs], indent=2))
    else:
        for proof in proofs:
            click.echo(_told(proof, session.out))
        click.echo(_sum(proofs))
    return 1 if any(proof.problems for proof in proofs) else 0


def named(session: Session, names: tuple[str, ...]) -> list[Kata]:
    """The katas of these names; all for none."""
    katas = [session.catalog.find(name) for name in names] or list(session.catalog)
    if not katas:
        raise BadInput(
            f"There are no katas in {session.catalog.folder}.", advice="Make one: `kata dev new 1 my_kata`."
        )
    return katas


def counter(what: str, silent: bool) -> Callable[[int, int], None]:
    """Counts judgements on a terminal, in one line that wipes itself out."""

    def count(done: int, of: int) -> None:
        if not silent and can_redraw(sys.stderr):
            click.echo(
                f"\r{done} of {of} {what} judged\x1b[K" if done < of else "\r\x1b[K", err=True, nl=False
            )

    return count


def _told(proof: Proof, look: Look) -> str:
    sign, style = ("✗", "bad") if proof.problems else ("✓", "good")
    counted = f"{proof.checks} checks, {proof.accepted} accepted, {proof.rejected} rejected"
    lines = [f"{look.paint(look.glyphs(sign), style)} {proof.kata.name:<26} {counted}"]
    return "\n".join([*lines, *(look.wrap(clean(problem), "    ") for problem in proof.problems)])


def _sum(proofs: list[Proof]) -> str:
    unsound = sum(bool(proof.problems) for proof in proofs)
    return f"{len(proofs) - unsound} of {len(proofs)} katas are sound."


def _as_json(proof: Proof) -> dict[str, object]:
    return {
        "kata": {"number": proof.kata.number, "slug": proof.kata.slug},
        "sound": not proof.problems,
        "checks": proof.checks,
        "accepted": proof.accepted,
        "rejected": proof.rejected,
        "problems": proof.problems,
    }
