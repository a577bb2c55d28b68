"""`kata dev new`: the skeleton of a kata."""

from __future__ import annotations

from pathlib import Path

import click

from grader.catalog import OWN_KATAS, Catalog, load_catalog
from grader.cli.errors import exits
from grader.cli.session import Session, pass_session
from grader.cli.shell import quoted
from grader.errors import BadInput


@click.command("new")
@click.argument("number", type=click.IntRange(1, 999))
@click.argument("slug")
@click.option(
    "--katas",
    "katas_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Your own folder of katas, made if missing (default: the checkout that you are in).",
)
@pass_session
@exits
def command(session: Session, number: int, slug: str, katas_folder: Path | None) -> None:
    """Make the skeleton of a kata, with TODOs to fill in.

    It has statement, hints, stub, suite and answers. It goes into the checkout that you are in, or into a
    folder of your own; suites and solutions are then beside it.

    \b
    Examples:
      kata dev new 41 print_queue
      kata dev new 41 print_queue --katas course/katas
    """
    from grader.authoring.scaffold import scaffold

    own = katas_folder or session.katas
    folder = own or _here()
    empty = Catalog(folder=folder.absolute(), katas=())
    catalog = load_catalog(folder, may_be_empty=True) if folder.exists() else empty
    for path in scaffold(catalog, number, slug):
        click.echo(f"created  {path}")
    verify = f"kata --katas {quoted(own)} dev verify {number}" if own else f"kata dev verify {number}"
    of_another = "" if own or folder == OWN_KATAS else " with this checkout's own grader"
    rules = (OWN_KATAS if own else folder) / "README.md"
    click.echo(f"Fill the TODOs, then prove it{of_another}: `{verify}`. The rules: {rules}")


def _here() -> Path:
    """The katas of the checkout that the current folder is in. Never those of an installed grader."""
    from grader.authoring.scaffold import checkout_around

    folder = checkout_around(Path.cwd())
    if folder is None:
        raise BadInput(
            "This folder is in no checkout of the grader, which has katas/ and grader/suites/.",
            advice="Go to one, or name a folder of your own: `kata dev new ... --katas DIR`.",
        )
    return folder
