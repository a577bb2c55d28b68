"""Writing a learner's files so that nothing of theirs is lost: new, whole, or set aside."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def write_new(path: Path, text: str) -> bool:
    """Write a file that is not there yet; False if it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def write_whole(path: Path, content: bytes) -> None:
    """Replace the file in one step, so that a reader, or a crash, sees the old or the new content.

    Who may read it stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def set_aside(path: Path) -> Path:
    """Rename the file to the first free of `name.1`, `name.2`, ..."""
    number = 1
    while (aside := path.with_name(f"{path.name}.{number}")).exists():
        number += 1
    path.rename(aside)
    return aside
