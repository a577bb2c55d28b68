"""`kata grade`: a whole class."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.errors import exits, say_aside
from grader.cli.grading import FILE, export_options, forget_option
from grader.cli.session import WORDS, Session, pass_session
from grader.errors import BadInput
from grader.export import ExportPlan, OutputOptions, export, plan_export, single_file
from grader.intake.formats import FORMATS

if TYPE_CHECKING:
    from grader.catalog import Catalog
    from grader.engine.scheduler import Tls
    from grader.grading.events import Summary
    from grader.grading.run import GradeRequest

STORE_NAME = "results.sqlite"


@click.command("grade")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--kata", "katas", multiple=True, metavar="KATA", help="Only this kata; may be repeated.")
@click.option(
    "--only", multiple=True, metavar="STUDENT", help="Only this student: id, name, e-mail; * fits any."
)
@click.option("--failed", is_flag=True, help="Judge again what was not accepted.")
@click.option("--again", is_flag=True, help="Judge again everything.")
@click.option("--jobs", type=int, metavar="N", help="Judging processes (default: one per core).")
@click.option("--dask", metavar="ADDRESS", help="Judge on the dask cluster of this scheduler.")
@click.option("--dask-ca", type=FILE, help="TLS: the authority's certificate.")
@click.option("--dask-cert", type=FILE, help="TLS: our certificate.")
@click.option("--dask-key", type=FILE, help="TLS: our key.")
@export_options(default=("csv",))
@click.option(
    "--store",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"The store of results (default: {STORE_NAME} in the folder of OUT).",
)
@click.option(
    "--input", "layout", type=click.Choice(list(FORMATS)), help="The layout of PATH, if it is not recognised."
)
@click.option("--pattern", help="Regular expression for paths: student, kata, name, email, submitted_at.")
@click.option("--roster", type=FILE, help="CSV of the class: id, name, email, section.")
@click.option(
    "--suite", type=click.Path(exists=True, path_type=Path), help="Your own suite, or folder of them."
)
@click.option(
    "--katas",
    "katas_folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Your own folder of katas.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="One seed for all, not secret (default: one for each submission).",
)
@forget_option
@click.option("--isolation", type=click.Choice(["full", "best", "none"]), default="full", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
@pass_session
@exits
def command(
    session: Session,
    path: Path,
    katas: tuple[str, ...],
    only: tuple[str, ...],
    failed: bool,
    again: bool,
    jobs: int | None,
    dask: str | None,
    dask_ca: Path | None,
    dask_cert: Path | None,
    dask_key: Path | None,
    out: Path,
    store: Path | None,
    formats: tuple[str, ...],
    late_policy: Path | None,
    assignments: tuple[str, ...],
    worksheet: Path | None,
    layout: str | None,
    pattern: str | None,
    roster: Path | None,
    suite: Path | None,
    katas_folder: Path | None,
    seed: int | None,
    forget: tuple[str, ...],
    isolation: str,
    as_json: bool,
) -> int:
    """Judge the submissions of a class.

    PATH is a folder, a file, or an archive downloaded from a learning system. Run the command again to
    continue after a stop: it judges only what changed. What is no longer in PATH stays in the store and
    does not count. Exit codes: 0 when everything is judged, 2 for bad input, 3 after an error of ours.

    \b
    Examples:
      kata grade submissions.zip --kata 4 --roster class.csv
      kata grade repos/ --format canvas --assignment "Week 1 (123)"
      kata grade repos/ --late-policy late.toml
      kata grade submissions/ --only jane@x.org --again
    """
    from grader.catalog import load_catalog
    from grader.grading.run import GradeRequest
    from grader.intake.tree import as_text

    if jobs is not None and dask is not None:
        raise BadInput("--jobs and --dask exclude each other.", advice="A cluster has its own workers.")
    tls = _tls(dask, dask_ca, dask_cert, dask_key)
    output = OutputOptions(
        formats=formats, out=out, late_policy=late_policy, assignments=assignments, worksheet=worksheet
    )
    request = GradeRequest(
        path=path,
        store=store or (out.parent if single_file(output) else out) / STORE_NAME,
        katas=katas,
        only=tuple(map(as_text, only)),
        failed=failed,
        again=again,
        jobs=jobs,
        dask=dask,
        tls=tls,
        isolation=isolation,
        seed=seed,
        suite=suite,
        katas_folder=katas_folder or session.katas,
        roster=roster,
        pattern=None if pattern is None else as_text(pattern),
        layout=layout,
        late_policy=late_policy,
        forget=forget,
        command=click.get_current_context().meta.get(WORDS, ()),
    )
    catalog = load_catalog(request.katas_folder)
    plan = plan_export(output, catalog.katas)
    if request.dask is not None:
        from grader.engine.scheduler import try_scheduler

        try_scheduler(request.dask, request.tls)  # refused now, and not when all has been read
    summary = run(request, as_json=as_json)
    _export(request, catalog, plan)
    return 3 if summary.errors else 0


def _tls(dask: str | None, ca: Path | None, cert: Path | None, key: Path | None) -> Tls | None:
    from grader.engine.scheduler import Tls

    if not (ca or cert or key):
        return None
    if dask is None:
        raise click.UsageError("--dask-ca, --dask-cert and --dask-key are for --dask, which is not given.")
    return Tls(ca=ca, cert=cert, key=key)


def run(request: GradeRequest, *, as_json: bool) -> Summary:
    """Grades, telling of it on stderr, and sums up on stdout."""
    from grader.cli.progress_bar import Telling
    from grader.grading.run import grade

    with Telling(sys.stderr) as telling:
        summary = grade(request, telling)
    if as_json:
        click.echo(json.dumps(_as_json(summary), indent=2))
    else:
        for line in _sum(summary, request.store):
            click.echo(line)
    return summary


def _sum(summary: Summary, store: Path) -> list[str]:
    """A few lines: how many, how they ended, their isolation, who is missing."""
    verdicts = ", ".join(f"{count} {name}" for name, count in sorted(summary.verdicts.items()))
    isolation = ", ".join(f"{count} {level}" for level, count in sorted(summary.isolation.items()))
    files = summary.judged + summary.known
    are_equal = summary.handins > files
    copies = f" {summary.handins} submissions: equal files are judged once." if are_equal else ""
    lines = [
        f"{summary.judged} judged, {summary.known} known from before.{copies}",
        f"Verdicts: {verdicts or 'nothing was judged'}.",
        f"Isolation: {isolation or 'nothing was judged'}.",
    ]
    if summary.seed is not None:
        lines.append(f"Seed: {summary.seed} for all. It is not secret: with it one can work out the answers.")
    if summary.problems:
        where = "the class page (--format html) and problems.txt beside the tables"
        lines.append(f"Problems: {summary.problems}, shown above and in {where}.")
    if summary.waiting:
        lines.append(f"Out of scope (--only) and not judged yet: {summary.waiting}.")
    if summary.missing:
        shown = "; ".join(student.called for student in summary.missing[:5])
        more = f" and {len(summary.missing) - 5} more" if len(summary.missing) > 5 else ""
        lines.append(f"Nothing from {shown}{more}.")
    return [*lines, f"Results are in {store}."]


def _as_json(summary: Summary) -> dict[str, object]:
    return {
        "handins": summary.handins,
        "judged": summary.judged,
        "known": summary.known,
        "verdicts": summary.verdicts,
        "isolation": summary.isolation,
        "problems": summary.problems,
        "waiting": summary.waiting,
        "missing": [student.id for student in summary.missing],
        "seed": summary.seed,
        "errors": summary.errors,
    }


def _export(request: GradeRequest, catalog: Catalog, plan: ExportPlan) -> None:
    from grader.grading.marks import unknown_katas
    from grader.grading.store import read_store

    with read_store(request.store) as store:
        for slug in unknown_katas(store, catalog.katas):
            say_aside(f"{slug}: no such kata, so its marks are left out; name its folder with --katas")
        for line in export(store, catalog.katas, plan):
            say_aside(line)
