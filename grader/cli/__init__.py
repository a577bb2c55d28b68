"""`kata`: gathers the commands and nothing else.

Each command is the `command` of the module of its name in this package and is imported when it is
named. What a command needs (pytest, rich, the judge) it imports when it runs.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from grader import __version__
from grader.cli.errors import INTERRUPTED, code_of_error, say_aside
from grader.cli.session import WORDS, Session

SECTIONS = {
    "Learning": (
        "init",
        "list",
        "show",
        "rules",
        "open",
        "check",
        "watch",
        "hint",
        "run",
        "race",
        "timeline",
        "solution",
        "reset",
        "progress",
        "doctor",
    ),
    "Teaching": ("grade", "report"),
    "Writing katas": ("dev",),
}

_EPILOG = """\b
Begin:      kata init; kata show 1; kata check 1
Practise:   kata watch
Stuck:      kata hint
Completion: eval "$(_KATA_COMPLETE=bash_source kata)"
            (or zsh_source, fish_source)

A kata is named by its number (4), its slug (gather_readings), the beginning of it, or a path.
"""


class Sections(click.Group):
    """A group that imports a command when it is named, and lists commands by section."""

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> click.Context:
        """As click's; the words of the command are kept for messages that say how to call it again."""
        words = ("kata", *args)
        context = super().make_context(info_name, args, *more, **extra)
        context.meta[WORDS] = words
        return context

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for names in SECTIONS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"grader.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl(
                    [(name, command.get_short_help_str(60)) for name, command in commands if command]
                )

    def main(self, *args: Any, **extra: Any) -> Any:
        """As click's, but a usage error is one line on stderr."""
        try:
            code = super().main(*args, **{**extra, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            code = error.exit_code
        except click.UsageError as error:
            where = error.ctx.command_path if error.ctx else "kata"
            say_aside(f"{error.format_message().rstrip('.')}. See `{where} --help`.")
            code = error.exit_code
        except click.ClickException as error:
            say_aside(error.format_message())
            code = error.exit_code
        except (click.Abort, KeyboardInterrupt):
            code = INTERRUPTED
        except OSError as error:  # a stdout that takes no help
            code = code_of_error(error)
        sys.exit(code)


@click.group(cls=Sections, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--katas",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="KATA_KATAS",
    help="Use this folder of katas, not the installed one.",
)
@click.version_option(__version__, prog_name="kata")
@click.pass_context
def cli(ctx: click.Context, katas: Path | None) -> None:
    """Learn asyncio by making blocking code overlap, with proof that it does."""
    ctx.obj = ctx.obj or Session(katas)
