"""`kata report`: what a store knows, for people and for systems."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.errors import exits, say_aside
from grader.cli.grading import export_options, forget_option
from grader.cli.session import WORDS, Session, pass_session
from grader.export import OutputOptions, export, plan_export


@click.command("report")
@click.argument("store", type=click.Path(path_type=Path))
@export_options(default=("html",))
@forget_option
@click.option("--kata", "katas", multiple=True, metavar="KATA", help="Only this kata; may be repeated.")
@click.option(
    "--katas",
    "katas_folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Your own folder of katas.",
)
@pass_session
@exits
def command(
    session: Session,
    store: Path,
    formats: tuple[str, ...],
    out: Path,
    late_policy: Path | None,
    assignments: tuple[str, ...],
    worksheet: Path | None,
    forget: tuple[str, ...],
    katas: tuple[str, ...],
    katas_folder: Path | None,
) -> None:
    """Write marks and pages from a store of `kata grade`.

    Nothing is judged or changed.

    \b
    Examples:
      kata report results.sqlite                      a class page, student pages
      kata report results.sqlite --format csv --out grades.csv
      kata report results.sqlite --format feedback    a zip to give back
    """
    from grader.catalog import load_catalog
    from grader.grading.given import refuse_other
    from grader.grading.marks import refuse_unknown
    from grader.grading.register import origin_of
    from grader.grading.store import read_store

    catalog = load_catalog(katas_folder or session.katas)
    wanted = [catalog.find(name) for name in katas] or catalog.katas
    output = OutputOptions(
        formats=formats, out=out, late_policy=late_policy, assignments=assignments, worksheet=worksheet
    )
    with read_store(store) as opened:
        policy = {"late-policy": origin_of(late_policy)} if late_policy else {}
        remembered = {name: was for name, was in opened.given().items() if name == "late-policy"}
        refuse_other(str(store), remembered, policy, forget, click.get_current_context().meta.get(WORDS, ()))
        if not katas:
            refuse_unknown(opened, catalog.katas)
        for line in export(opened, wanted, plan_export(output, catalog.katas)):
            say_aside(line)
