"""Opens what the instructor names: a folder, a zip, or one file."""

from __future__ import annotations

from pathlib import Path

from grader.errors import BadInput
from grader.intake.folder_tree import FolderTree
from grader.intake.tree import Tree, as_text
from grader.intake.zip_tree import NotAZipError, ZipTree


def open_tree(path: Path) -> Tree:
    """The folder, the zip, or the folder of the one file at `path`.

    Raises BadInput when there is nothing there, or nothing that can be read as one of these.
    """
    if path.is_dir():
        return FolderTree(path)
    if not path.exists():
        raise BadInput(f"There is nothing at {path}.", advice="Name a folder, a zip or a Python file.")
    if path.suffix.lower() == ".py":
        return FolderTree(path.parent, only=path.name)
    try:
        return ZipTree(path.open("rb"), as_text(path.name))
    except NotAZipError as problem:
        advice = "Name a folder, a .zip or a .py file; unpack other archives first."
        raise BadInput(f"{path} cannot be graded: {problem}.", advice=advice) from None
    except OSError as problem:
        raise BadInput(f"{path} cannot be read: {problem.strerror}.") from None
