"""`kata dev`: gathers the commands for those who write katas."""

from __future__ import annotations

import click

from grader.cli import dev_blind, dev_mutate, dev_new, dev_test, dev_verify


@click.group("dev")
def command() -> None:
    """Write katas: scaffold, test, prove them sound, break their answers."""


for member in (
    dev_new.command,
    dev_test.command,
    dev_verify.command,
    dev_mutate.command,
    dev_blind.command,
):
    command.add_command(member)
