"""`kata open`: the learner's file in their editor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess

import click

from grader.cli.errors import exits
from grader.cli.session import Session, kata_argument, pass_session
from grader.errors import BadInput


@click.command("open")
@kata_argument()
@pass_session
@exits
def command(session: Session, name: str | None) -> None:
    """Open your file in $VISUAL, $EDITOR or VS Code.

    Without KATA: the file of the next kata that is not accepted yet.

    \b
    Examples:
      kata open 4
      EDITOR=nano kata open
    """
    file = session.workspace.file(session.kata(name))
    if not file.exists():
        raise BadInput(f"There is no file {file}.", advice="`kata init` puts missing files back.")
    editor = editor_command()
    if editor is None:
        raise BadInput("There is no editor to start.", advice=f"Set $EDITOR, or open {file} yourself.")
    program = shutil.which(editor[0]) or editor[0]  # On Windows `code` is code.cmd, found by its full name.
    try:
        ended = subprocess.run([program, *editor[1:], str(file)], check=False)
    except OSError as error:
        raise BadInput(f"Cannot start {editor[0]}: {error.strerror}.", advice="Set $EDITOR.") from None
    if ended.returncode:
        raise BadInput(f"{editor[0]} ended with {ended.returncode}.", advice=f"The file is {file}.")


def editor_command() -> list[str] | None:
    """The user's editor as a command: $VISUAL, $EDITOR, VS Code; None where there is none of these.

    Raises BadInput where a variable holds no command.
    """
    for variable in ("VISUAL", "EDITOR"):
        if chosen := os.environ.get(variable, "").strip():
            try:
                return shlex.split(chosen) if os.name != "nt" else _split_as_windows(chosen)
            except ValueError as error:
                raise BadInput(
                    f"${variable} is not a command: {error}.", advice="Set it to the name of a program."
                ) from None
    code = shutil.which("code")
    return [code] if code else None


def _split_as_windows(command: str) -> list[str]:
    """Backslashes are the path's own there, and double quotes hold what has blanks together."""
    return [part.strip('"') for part in shlex.split(command, posix=False)]
