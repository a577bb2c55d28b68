"""`kata dev test`: one suite with pytest's own output."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.cli.errors import exits
from grader.cli.judging import with_suite
from grader.cli.session import Session, kata_argument, pass_session
from grader.workspace import submission_at

_BAD_ARGUMENTS = 4
_NOTHING_COLLECTED = 5


@click.command("test", context_settings={"ignore_unknown_options": True})
@kata_argument(required=True)
@click.option("--file", type=click.Path(path_type=Path), help="Judge this file (default: the stub).")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of arguments and network.")
@click.option("--isolation", type=click.Choice(["full", "best", "none"]), default="best", show_default=True)
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED, metavar="[-- PYTEST ARGS]...")
@pass_session
@exits
def command(
    session: Session, name: str, file: Path | None, seed: int, isolation: str, pytest_args: tuple[str, ...]
) -> int:
    """Run a kata's suite with pytest's own output.

    \b
    Examples:
      kata dev test 4
      kata dev test 4 --file solutions/04_gather_readings/accepted/gather.py
      kata dev test 4 -- -k overlap -vv
    """
    from grader.cli.cleaned import cleaned_output
    from grader.judge import Options, run_pytest

    kata = with_suite(session.kata(name), None)
    submission = submission_at(file or kata.folder / "stub.py")
    with cleaned_output(sys.stdout, sys.stderr):
        code = run_pytest(kata, submission, Options(seed=seed, isolation=isolation), list(pytest_args))
    if code in (_BAD_ARGUMENTS, _NOTHING_COLLECTED):
        return 2
    return code if code in (0, 1) else 3
