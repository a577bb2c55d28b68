"""As much of a shell as `shell=True` needs: one simple command with quoting. The rest is refused by name."""

from __future__ import annotations

import shlex

from grader.errors import NotSimulated

_OPERATORS = "|&;<>()\n"
_EXPANSIONS = "$`"
_PATTERNS = "*?[]{}~"


def words_of(command: str) -> list[str]:
    """The words of a simple command. Raises NotSimulated, naming what else of a shell it asks for."""
    _refuse_syntax(command)
    try:
        return shlex.split(command)
    except ValueError as error:
        raise NotSimulated(f"a shell command with {error}".lower()) from None


def _refuse_syntax(command: str) -> None:
    quote = ""
    escaped = False
    for letter in command:
        if escaped:
            escaped = False
        elif letter == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if letter == quote else quote
            if quote == '"' and letter in _EXPANSIONS:
                raise NotSimulated(f"a shell command with {letter!r}")
        elif letter in "'\"":
            quote = letter
        elif letter in _OPERATORS + _EXPANSIONS + _PATTERNS:
            raise NotSimulated(f"a shell command with {letter!r}")
