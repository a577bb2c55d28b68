"""What a guest cannot import is not there: an ImportError, so that `except ImportError` goes on."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_open, _close = os.open, os.close

NOT_SIMULATED = ("uvloop", "winloop", "rloop", "gevent", "eventlet")
"""Loops of their own, on the real machine."""


class Finder:
    """As `importlib.machinery.PathFinder`, for what can be read here and can run here."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raises ModuleNotFoundError for what is refused by name, or lies where a guest may not read."""
        if fullname in NOT_SIMULATED:
            raise ModuleNotFoundError(f"{fullname} is not simulated: asyncio has its own loop", name=fullname)
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.has_location and spec.origin and not _is_readable(spec.origin):
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return spec


def _is_readable(file: str) -> bool:
    try:
        _close(_open(file, os.O_RDONLY))
    except PermissionError:
        return False
    except OSError:
        return True  # It may lie in an archive: the loader knows.
    return True


def refuse() -> None:
    """Have imports of this process refused so, from now on."""
    sys.meta_path[:] = [Finder if finder is PathFinder else finder for finder in sys.meta_path]
