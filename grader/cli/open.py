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
    """Open your file in $VISUAL, $EDITOR or VS Code; without KATA that of the next kata.

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
        raise BadInput("No editor is known.", advice=f"Set $EDITOR, or open {file} yourself.")
    try:
        ended = subprocess.run([*editor, str(file)], check=False)
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
                return shlex.split(chosen, posix=os.name != "nt")
            except ValueError as error:
                raise BadInput(f"${variable} is no command: {error}.") from None
    code = shutil.which("code")
    return [code] if code else None
