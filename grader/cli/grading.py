"""What `kata grade` and `kata report` share: where marks go and under which policy."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click
from msgspec.structs import replace

from grader.errors import BadInput
from grader.records import Kata, Record

if TYPE_CHECKING:
    from grader.export import Given, Written
    from grader.grading.marks import Ledger
    from grader.grading.policy import Policy
    from grader.grading.store import Store

Command = TypeVar("Command", bound=Callable[..., Any])

GRADEBOOK_NAMES = ("csv", "csv-long", "canvas", "moodle", "gradescope", "junit", "jsonl")
"""Named here so that `--help` need not import them; a test holds the two together."""
PAGE_NAMES = ("html", "feedback")
"""A class page with a page per student; the students' pages alone, in a zip to hand back."""

ONE_SUBMISSION = "gradescope-container"
"""The layout of a single submission, which a group may share."""

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


OUT = click.Path(path_type=Path)


class Export(Record, frozen=True):
    """What to write, where, and what some formats have to be told."""

    formats: tuple[str, ...]
    out: Path
    """A folder, or the file itself for a format that writes one (see `single_file`)."""
    late_policy: Path | None = None
    assignments: tuple[str, ...] = ()
    worksheet: Path | None = None


forget_option = click.option(
    "--forget",
    type=click.Choice(["roster", "suite", "katas", "late-policy"]),
    multiple=True,
    help="No longer ask for what the store was graded with.",
)


def export_options(default: tuple[str, ...]) -> Callable[[Command], Command]:
    """The options that say what to write and where."""
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
        click.option(
            "--out",
            type=OUT,
            default=Path("grades"),
            show_default=True,
            help="Folder; or a file for one format: grades.csv.",
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


def single_file(wishes: Export) -> Path | None:
    """The one file to write, where `out` is named as the one format's files are; None for a folder.

    Raises BadInput where `out` can be neither.
    """
    from grader.export import GRADEBOOKS

    out, suffixes = wishes.out, {"html": "", "feedback": ".zip"}
    suffixes |= {name: book.suffix for name, book in GRADEBOOKS.items()}
    if out.is_dir():
        return None
    if out.suffix and out.suffix.lower() in (suffixes[name] for name in wishes.formats):
        if len(set(wishes.formats)) > 1:
            raise BadInput(f"--out {out} is one file for several formats.", advice="Name a folder.")
        if wishes.worksheet is not None and out.exists() and out.samefile(wishes.worksheet):
            raise BadInput(f"--out {out} is the worksheet itself.", advice="Name another file, or a folder.")
        return out
    if out.exists():
        raise BadInput(f"--out {out} is a file.", advice="Name a folder, or a file with the format's ending.")
    return None


class Ready(NamedTuple):
    """An export whose every file has been read and found good: it needs only a store."""

    wishes: Export
    file: Path | None
    """The one file to write; None for a folder."""
    policy: Policy
    given: Given


def make_ready(wishes: Export, katas: Sequence[Kata]) -> Ready:
    """What the export needs. Raises BadInput for what it would refuse after an hour of judging.

    `katas` are all that a policy or an assignment may name.
    """
    from grader.export import GRADEBOOKS, Given
    from grader.grading.policy import Policy, read_policy

    file = single_file(wishes)
    policy = read_policy(wishes.late_policy, katas) if wishes.late_policy else Policy()
    given = Given(assignments=wishes.assignments, worksheet=wishes.worksheet, katas=tuple(katas))
    for name in wishes.formats:
        if name in GRADEBOOKS:
            GRADEBOOKS[name].refuse(given)
    return Ready(wishes, file, policy, given)


def export(store: Store, katas: Sequence[Kata], ready: Ready) -> Iterator[str]:
    """Writes the marks for these katas. Lines about what was written and what an instructor has to know.

    A format that this class cannot be written in keeps none of the others back; its BadInput comes last.
    """
    from grader.export.problems import write_problems
    from grader.grading.marks import make_ledger
    from grader.grading.policy_notes import policy_notes

    wishes, file, policy, given = ready
    ledger = make_ledger(store, katas, policy)
    if ledger.waiting:
        are = "submission is" if ledger.waiting == 1 else "submissions are"
        yield f"{ledger.waiting} {are} not judged yet and without a mark: run `kata grade` again"
    yield from (f"late policy: {note}" for note in policy_notes(policy, ledger))
    given = replace(given, one_submission=store.layout() == ONE_SUBMISSION)
    refused: BadInput | None = None
    for name in dict.fromkeys(wishes.formats):
        try:
            written = _written(partial(_write, name, store, ledger, given), file, wishes.out)
        except BadInput as error:
            refused = refused or error
            continue
        yield from (f"{name}: {note}" for note in written.notes)
        yield f"wrote {_named(written.paths)}"
    if not set(wishes.formats) <= {*PAGE_NAMES}:
        yield from (f"wrote {path}" for path in write_problems(ledger, file or wishes.out))
    if refused is not None:
        raise refused


def _written(write: Callable[[Path], Written], file: Path | None, folder: Path) -> Written:
    if file is not None:
        return _write_as(file, write)
    _make_folder(folder)
    return write(folder)


def _write(name: str, store: Store, ledger: Ledger, given: Given, folder: Path) -> Written:
    from grader.export import GRADEBOOKS
    from grader.export.pages import write_class_pages, write_feedback

    if name == "html":
        return write_class_pages(store, ledger, folder)
    if name == "feedback":
        return write_feedback(store, ledger, folder)
    return GRADEBOOKS[name].write(ledger, folder, given)


def _write_as(file: Path, write: Callable[[Path], Written]) -> Written:
    """Written beside its place and then moved there: a reader never sees half of it."""
    from grader.export.book import unwritable

    _make_folder(file.parent)
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".kata-") as folder:
            written = write(Path(folder))
            if not written.paths:  # nothing may be said of anybody: what was said before is not true either
                file.unlink(missing_ok=True)
                return written
            if len(written.paths) > 1:
                raise BadInput(
                    f"--out {file} is one file, and this class has {len(written.paths)}.",
                    advice="Name a folder.",
                )
            for path in written.paths:
                path.replace(file)
    except OSError as error:
        raise unwritable(file, error) from None
    return replace(written, paths=(file,))


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"The folder {out} cannot be made: {error.strerror}.") from None


def _named(paths: Sequence[Path]) -> str:
    if len(paths) == 1:
        return str(paths[0])
    return f"{len(paths)} files, the first being {paths[0]}" if paths else "nothing"
