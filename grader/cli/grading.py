"""The options that `kata grade` and `kata report` share: where marks go and under which policy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from grader.export import EXPORTERS

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


OUT = click.Path(path_type=Path)


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
            type=click.Choice(list(EXPORTERS)),
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
