"""`kata watch`: judge at every save."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.check import judge_aloud
from grader.cli.errors import exits, say_aside
from grader.cli.judging import Target, find_target, remember
from grader.cli.keys import Keys, key_presses
from grader.cli.session import Session, kata_argument, pass_session
from grader.errors import KataError
from grader.report.look import can_redraw

if TYPE_CHECKING:
    from grader.judge import Judge

_POLL_S = 0.15
_KEYS = "n next   h hint   r run   t timeline   l list   x reset   q quit"
Stamp = tuple[int, int] | None


@click.command("watch")
@kata_argument()
@pass_session
@exits
def command(session: Session, name: str | None) -> None:
    """Judge a kata each time you save it.

    Without KATA: the next one that is not accepted yet.

    Keys: n next kata, h hint, r run, t timeline, l list, x reset, q quit.

    \b
    Examples:
      kata watch
      kata watch 4
    """
    from grader.judge import Judge, Options

    with Judge(Options()) as judge, key_presses() as keys:
        Watch(session, judge, find_target(session, name)).until_quit(keys)


class Watch:
    """One file under watch at a time, and the keys that lead on from it."""

    def __init__(self, session: Session, judge: Judge, target: Target) -> None:
        self._session = session
        self._judge = judge
        self._target = target
        self._judged: Stamp = None
        self._before: Stamp = None
        self._actions: dict[str, Callable[[], None]] = {
            "n": self._next,
            "h": lambda: self._command("hint"),
            "r": lambda: self._command("run"),
            "t": lambda: self._command("timeline"),
            "l": lambda: self._command("list", about_kata=False),
            "x": lambda: self._command("reset"),
        }

    def until_quit(self, keys: Keys) -> None:
        """Look at the file and the keys in turn."""
        while (key := keys(_POLL_S)) != "q":
            if key in self._actions:
                self._aloud(self._actions[key])
            self.look()

    def look(self) -> None:
        """Judge the file if it was saved: changed since it was judged, and not still being written."""
        stamp = _stamp(self._target.file)
        settled, self._before = stamp == self._before, stamp
        if stamp is not None and settled and stamp != self._judged:
            self._judged = stamp
            self._aloud(self._check)

    def _aloud(self, action: Callable[[], None]) -> None:
        """Do it on a fresh screen; what goes wrong is said, and the watch goes on."""
        if can_redraw(sys.stdout):
            click.clear()
        try:
            action()
        except KataError as error:
            say_aside(str(error))
        click.echo(f"\n{_KEYS}")

    def _check(self) -> None:
        submission = self._target.submission()
        judgement = judge_aloud(self._session, self._judge, self._target, submission)
        remember(self._session, self._target, submission, judgement)

    def _next(self) -> None:
        """The first open kata after this one, else the first open one."""
        progress = self._session.workspace.progress()
        katas = self._session.catalog.katas
        here = katas.index(self._target.kata) + 1
        following = progress.next_kata([*katas[here:], *katas[:here]])
        if following is None:
            click.echo("Every kata is accepted.")
            return
        self._target = find_target(self._session, str(following.number))
        self._judged = self._before = None
        click.echo(f"Now watching {self._target.file}")

    def _command(self, name: str, about_kata: bool = True) -> None:
        """Another command of ours. Its exit does not end the watch."""
        command: click.Command = importlib.import_module(f"grader.cli.{name}").command
        arguments = [str(self._target.kata.number)] if about_kata else []
        with contextlib.suppress(SystemExit):
            command.main(arguments, standalone_mode=False, obj=self._session)


def _stamp(file: Path) -> Stamp:
    """What changes when the file is saved; None while it is not there."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
