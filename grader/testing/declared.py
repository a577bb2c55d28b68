"""Types that a suite declares, and values that should be of them: compared, and put into words.

Known are classes, None, `list[...]`, `dict[..., ...]`, unions and `Any`.
"""

from __future__ import annotations

from types import UnionType
from typing import Any, Union, get_args, get_origin


class GuestObject:
    """Base of the stand-ins for objects that live in the guest. `guest_type` is its class's name there."""

    number: int
    guest_type: str


def fits(value: object, declared: Any) -> bool:
    """Whether a value is of that type, all through. An int will do for a float, but a bool is no int."""
    if declared is Any:
        return True
    origin, parts = get_origin(declared), get_args(declared)
    if origin in (Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin is list:
        return isinstance(value, list) and all(fits(item, parts[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(
            fits(key, parts[0]) and fits(item, parts[1]) for key, item in value.items()
        )
    if declared is None:
        return value is None
    if isinstance(value, bool):
        return declared in (bool, object)
    return isinstance(value, (int, float) if declared is float else declared)


def due(declared: Any) -> str:
    """A type in words, with its article: `a list of str`."""
    parts = get_args(declared)
    if get_origin(declared) in (Union, UnionType):
        return " or ".join(due(part) for part in parts)
    return "None" if declared in (None, type(None)) else _with_article(_words(declared))


def _words(declared: Any) -> str:
    origin, parts = get_origin(declared), get_args(declared)
    if origin is list:
        return f"list of {_words(parts[0])}"
    if origin is dict:
        return f"dict of {_words(parts[0])} to {_words(parts[1])}"
    if origin in (Union, UnionType):
        return " or ".join(_words(part) for part in parts)
    if declared is Any:
        return "anything"
    return "None" if declared in (None, type(None)) else str(declared.__name__)


def _with_article(words: str) -> str:
    return f"{'an' if words[:1].lower() in 'aeiou' else 'a'} {words}"
