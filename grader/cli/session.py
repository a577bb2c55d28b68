"""What every command starts from: the catalogue, the workspace, the time, and where its text goes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from grader.catalog import Catalog, load_catalog
from grader.cli.errors import say_aside
from grader.errors import BadInput, NoWorkspace
from grader.records import Kata
from grader.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from grader.report.look import Look

Command = TypeVar("Command", bound=Callable[..., Any])


WORDS = "grader.words"
"""Where click's context keeps the words of the command as they were given."""


def _local_time() -> datetime:
    return datetime.now().astimezone()


class Session:
    """One run of the command line. Tests pass their own; `now` is the only clock of progress."""

    def __init__(self, katas: Path | None = None, now: Callable[[], datetime] = _local_time) -> None:
        self.katas = katas
        self.now = now

    @cached_property
    def catalog(self) -> Catalog:
        return load_catalog(self.katas)

    @cached_property
    def workspace_here(self) -> Workspace | None:
        """The workspace that the current folder is in, if any."""
        return find_workspace(Path.cwd(), notify=say_aside)

    @property
    def workspace(self) -> Workspace:
        """The same; raises NoWorkspace where there is none."""
        if self.workspace_here is None:
            raise NoWorkspace(
                "Neither this folder nor one above it is a workspace.", advice="Run `kata init`."
            )
        return self.workspace_here

    @property
    def out(self) -> Look:
        """What stdout can show."""
        from grader.report.look import look_of

        return look_of(sys.stdout)

    def kata(self, name: str | None) -> Kata:
        """The kata of that name; without a name the next one that is not yet accepted."""
        if name is not None:
            return self.catalog.find(name)
        kata = self.workspace.progress().next_kata(self.catalog)
        if kata is None:
            raise BadInput("Every kata is accepted.", advice="Name the one you mean: `kata check 4`.")
        return kata


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Slugs, and numbers once a digit is typed."""
    try:
        katas = load_catalog(ctx.find_root().params.get("katas"))  # no command runs, so there is no session
    except BadInput:
        return []
    return [
        CompletionItem(name, help=kata.title)
        for kata in katas
        for name in (kata.slug, *([str(kata.number)] if incomplete else []))
        if name.startswith(incomplete)
    ]


def kata_argument(required: bool = False) -> Callable[[Command], Command]:
    """The argument that names a kata, with completion."""
    metavar = "KATA" if required else "[KATA]"
    return click.argument("name", metavar=metavar, required=required, shell_complete=_complete)


pass_session = click.make_pass_decorator(Session)
