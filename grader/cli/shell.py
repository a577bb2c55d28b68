"""Commands that are printed for the user to type: an argument as their shell takes it."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

_PLAIN_ON_WINDOWS = re.compile(r"[\w.:\\/@+=-]+")


def quoted(argument: str | Path) -> str:
    """The argument, in quotes where the user's shell needs them.

    On Windows in double ones, which both cmd and PowerShell understand; no file's name has one in it.
    """
    text = str(argument)
    if os.name != "nt":
        return shlex.quote(text)
    return text if _PLAIN_ON_WINDOWS.fullmatch(text) else f'"{text}"'
