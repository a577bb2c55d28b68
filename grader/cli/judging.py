"""Which file is judged as which kata, and what is remembered of it: shared by the commands that judge."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from grader.cli.errors import say_aside
from grader.cli.session import Session
from grader.cli.shell import quoted
from grader.errors import BadInput, BadKata
from grader.records import Judgement, Kata, Record, Submission, Verdict
from grader.workspace import LastRun, submission_at


class Target(Record, frozen=True):
    """A file to judge as a kata."""

    kata: Kata
    file: Path
    from_init: bool = False
    """Whether it is where `kata init` puts it, and not one that the user named."""

    @property
    def option(self) -> str:
        """What names this file in a command about its kata: `kata run 4{option}`."""
        return "" if self.from_init else f" --file {quoted(self.file)}"

    def submission(self) -> Submission:
        """The file as it is now. Raises BadInput where there is none."""
        back = "`kata init` puts missing files back."
        return submission_at(self.file, if_missing=back) if self.from_init else submission_at(self.file)


def find_target(session: Session, name: str | None, file: Path | None = None) -> Target:
    """What the user means by a name and, perhaps, a file; a name may itself be a path."""
    kata = session.kata(name if name is not None or file is None else str(file))
    if named := file or _named_file(kata, name):
        return Target(kata=kata, file=named)
    return Target(kata=kata, file=session.workspace.file(kata), from_init=True)


def _named_file(kata: Kata, name: str | None) -> Path | None:
    """The file that a name which is a path means. A file called `4` does not stand for kata 4."""
    if name is None:
        return None
    path = Path(name)
    if path.is_dir():
        file = path / f"{kata.slug}.py"
        return file if file.is_file() else None
    if path.suffix != ".py" and not set(name) & {"/", os.sep}:
        return None
    if not path.exists():
        raise BadInput(f"There is no file {name}.", advice="Name the kata by its number instead.")
    return path


def with_suite(kata: Kata, suite: Path | None) -> Kata:
    """The kata judged by that suite, or by the one for it in that folder. Raises where there is none."""
    if suite is not None:
        kata = msgspec.structs.replace(kata, suite=suite / kata.suite.name if suite.is_dir() else suite)
        _refuse_bad_suite(kata.suite)
    elif not kata.suite.is_file():
        raise BadKata(f"Kata {kata.number} has no suite: {kata.suite} is missing.")
    return kata


def _refuse_bad_suite(suite: Path) -> None:
    from grader.judge import try_suite

    if not suite.is_file():
        raise BadInput(f"There is no suite {suite}.", advice="Name a file, or a folder that holds it.")
    if fault := try_suite(suite).fault:
        raise BadInput(f"The suite {suite} cannot be run: {fault}.")


def remember(session: Session, target: Target, submission: Submission, judgement: Judgement) -> bool:
    """Note the judgement in the workspace, if it is about the workspace's own file. Whether it is kept."""
    here = session.workspace_here
    if here is not None and not here.is_there:
        say_aside(f"The workspace {here.root} is gone: this run is not remembered.")
        return False
    if here is None or not here.holds(target.kata, target.file):
        return False
    kept = here.keep(LastRun(judgement=judgement, source=submission.source))
    if judgement.verdict not in (Verdict.JUDGE_ERROR, Verdict.STALLED):
        now = session.now()
        here.change(lambda progress: progress.with_check(target.kata, judgement.accepted, now))
    return kept


def judged_and_drawn(kata: Kata, sources: list[bytes], seed: int) -> list[Judgement]:
    """These judged as the kata, with timelines of what passed too."""
    from grader.judge import Judge, Options

    with Judge(Options(seed=seed, draw_passed=True)) as judge:
        named = (Submission(source=source, filename=f"{kata.slug}.py") for source in sources)
        return [judge.judge(kata, submission) for submission in named]


def exit_code(judgement: Judgement) -> int:
    """0 accepted, 1 not accepted, 3 where it was our error."""
    if judgement.verdict is Verdict.JUDGE_ERROR:
        return 3
    return 0 if judgement.accepted else 1


# -- files that the user asked for -----------------------------------------------------------------
def write_html(path: Path, judgement: Judgement, source: str) -> None:
    """A page with the judgement, its timelines and the source."""
    from grader.report.html import judgement_html

    _write(path, judgement_html(judgement, source).encode())


def write_chrome_trace(path: Path, judgement: Judgement) -> None:
    """The timelines for Perfetto."""
    from grader.report.chrome import chrome_trace

    _write(path, chrome_trace(judgement))


def write_junit(path: Path, judgements: Iterable[Judgement]) -> None:
    """JUnit XML, a suite per kata."""
    from grader.export.formats.junit import junit

    _write(path, junit(judgements))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BadInput(f"Cannot write {path}: {error.strerror}.", advice="Name another file.") from None
    say_aside(f"wrote {path}")
