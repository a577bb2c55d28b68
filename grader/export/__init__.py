"""Everything that leaves: marks for every system that takes them, pages, feedback.

plan_export -> make the ledger -> write each format -> write the problems beside them
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from grader.errors import BadInput
from grader.export.exporter import Exporter, ExportOptions, ExportResult, unwritable
from grader.export.formats import EXPORTERS
from grader.export.problems import write_problems
from grader.records import Kata, Record

if TYPE_CHECKING:
    from grader.grading.policy import Policy
    from grader.grading.store import Store

__all__ = [
    "EXPORTERS",
    "ExportOptions",
    "ExportPlan",
    "ExportResult",
    "Exporter",
    "OutputOptions",
    "export",
    "plan_export",
    "single_file",
]


class OutputOptions(Record, frozen=True):
    """What to write, where, and what some formats have to be told."""

    formats: tuple[str, ...]
    out: Path
    """A folder, or the file itself for a format that writes one (see `single_file`)."""
    late_policy: Path | None = None
    assignments: tuple[str, ...] = ()
    worksheet: Path | None = None


class ExportPlan(NamedTuple):
    """An export whose every file has been read and found good: it needs only a store."""

    output: OutputOptions
    file: Path | None
    """The one file to write; None for a folder."""
    policy: Policy
    options: ExportOptions


def single_file(output: OutputOptions) -> Path | None:
    """The one file to write, where `out` is named as the one format's files are; None for a folder.

    Raises BadInput where `out` can be neither.
    """
    out = output.out
    if out.is_dir():
        return None
    if out.suffix and out.suffix.lower() in (EXPORTERS[name].suffix for name in output.formats):
        if len(set(output.formats)) > 1:
            raise BadInput(f"--out {out} is one file for several formats.", advice="Name a folder.")
        if output.worksheet is not None and out.exists() and out.samefile(output.worksheet):
            raise BadInput(f"--out {out} is the worksheet itself.", advice="Name another file, or a folder.")
        return out
    if out.exists():
        raise BadInput(f"--out {out} is a file.", advice="Name a folder, or a file with the format's ending.")
    return None


def plan_export(output: OutputOptions, katas: Sequence[Kata]) -> ExportPlan:
    """What the export needs. Raises BadInput for what it would refuse after an hour of judging.

    `katas` are all that a policy or an assignment may name.
    """
    from grader.grading.policy import Policy, read_policy

    file = single_file(output)
    policy = read_policy(output.late_policy, katas) if output.late_policy else Policy()
    options = ExportOptions(assignments=output.assignments, worksheet=output.worksheet, katas=tuple(katas))
    for name in output.formats:
        EXPORTERS[name].validate(options)
    return ExportPlan(output, file, policy, options)


def export(store: Store, katas: Sequence[Kata], plan: ExportPlan) -> Iterator[str]:
    """Writes the marks for these katas. Lines about what was written and what an instructor has to know.

    A format that this class cannot be written in keeps none of the others back; its BadInput comes last.
    """
    from grader.grading.marks import make_ledger
    from grader.grading.policy_notes import policy_notes
    from grader.intake.formats import format_named

    output, file, policy, options = plan
    ledger = make_ledger(store, katas, policy)
    if ledger.waiting:
        are = "submission is" if ledger.waiting == 1 else "submissions are"
        yield f"{ledger.waiting} {are} not judged yet and without a mark: run `kata grade` again"
    yield from (f"late policy: {note}" for note in policy_notes(policy, ledger))
    options = replace(options, one_submission=format_named(store.layout()).is_one_submission, store=store)
    refused: BadInput | None = None
    for name in dict.fromkeys(output.formats):
        try:
            write = partial(EXPORTERS[name].write, ledger, options=options)
            written = _written(write, file, output.out)
        except BadInput as error:
            refused = refused or error
            continue
        yield from (f"{name}: {note}" for note in written.notes)
        yield f"wrote {_named(written.paths)}"
    if not all(EXPORTERS[name].is_for_people for name in output.formats):
        yield from (f"wrote {path}" for path in write_problems(ledger, file or output.out))
    if refused is not None:
        raise refused


def _written(write: Callable[[Path], ExportResult], file: Path | None, folder: Path) -> ExportResult:
    if file is not None:
        return _write_as(file, write)
    _make_folder(folder)
    return write(folder)


def _write_as(file: Path, write: Callable[[Path], ExportResult]) -> ExportResult:
    """ExportResult beside its place and then moved there: a reader never sees half of it."""
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
