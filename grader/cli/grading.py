"""What `kata grade` and `kata report` share: where marks go and under which policy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from grader.errors import BadInput
from grader.records import Kata, Record

if TYPE_CHECKING:
    from grader.batch.marks import Ledger
    from grader.batch.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])

GRADEBOOK_NAMES = ("csv", "csv-long", "canvas", "moodle", "gradescope", "classroom", "junit", "jsonl")
"""Named here so that `--help` need not import them; a test holds the two together."""
PAGE_NAMES = ("html", "feedback")
"""A class page with a page per student; the students' pages alone, in a zip to hand back."""

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Export(Record, frozen=True):
    """What to write, where, and what some formats have to be told."""

    formats: tuple[str, ...]
    out: Path
    late_policy: Path | None = None
    assignments: tuple[str, ...] = ()
    worksheet: Path | None = None


def export_options(default: tuple[str, ...]) -> Callable[[Command], Command]:
    """The options that say what to write."""
    options = (
        click.option(
            "--format",
            "formats",
            type=click.Choice([*GRADEBOOK_NAMES, *PAGE_NAMES]),
            multiple=True,
            default=default,
            show_default=True,
            help="What to write; may be repeated.",
        ),
        click.option("--late-policy", type=FILE, help="TOML: points, due dates, lateness, extensions."),
        click.option(
            "--assignment", "assignments", multiple=True, help='Canvas: "Title (123)", or slug="Title (124)".'
        ),
        click.option("--worksheet", type=FILE, help="Moodle: the grading worksheet that you downloaded."),
    )

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def export(store: Store, katas: Sequence[Kata], wishes: Export) -> list[str]:
    """Writes what is wished for. Lines about what was written and what an instructor has to know."""
    from grader.batch.gradebook import GRADEBOOKS, Given
    from grader.batch.marks import make_ledger
    from grader.batch.policy import Policy, read_policy

    slugs = [kata.slug for kata in katas]
    policy = read_policy(wishes.late_policy, slugs) if wishes.late_policy else Policy()
    ledger = make_ledger(store, katas, policy)
    _make_folder(wishes.out)
    given = Given(assignments=wishes.assignments, worksheet=wishes.worksheet)
    lines = []
    for name in dict.fromkeys(wishes.formats):
        if name in PAGE_NAMES:
            lines += _write_pages(name, store, ledger, wishes.out)
            continue
        written = GRADEBOOKS[name].write(ledger, wishes.out, given)
        lines += [f"{name}: {note}" for note in written.notes]
        lines.append(f"wrote {_named(written.paths)}")
    return lines


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"The folder {out} cannot be made: {error.strerror}.") from None


def _named(paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        return str(paths[0])
    return f"{len(paths)} files, the first being {paths[0]}" if paths else "nothing"


def _write_pages(name: str, store: Store, ledger: Ledger, out: Path) -> list[str]:
    from grader.cli.pages import write_class_pages, write_feedback

    if name == "html":
        return [f"wrote {write_class_pages(store, ledger, out)}"]
    return [f"wrote {write_feedback(store, ledger, out)}"]
