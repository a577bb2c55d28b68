"""`kata dev`: gathers the commands for those who write katas."""

from __future__ import annotations

import click

from grader.cli.dev import blind, mutate, new, test, verify


@click.group("dev")
def command() -> None:
    """Write katas: make, test, verify and mutate them."""


for member in (
    new.command,
    test.command,
    verify.command,
    mutate.command,
    blind.command,
):
    command.add_command(member)
