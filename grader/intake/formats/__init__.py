"""The input formats: one class in one file of this folder, which is all that registers it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from grader.intake.layout import Layout

__all__ = ["FORMATS", "format_named"]


def _found() -> Iterator[type[Layout]]:
    for module in pkgutil.iter_modules(__path__):
        inside = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        yield from (kind for kind in inside if _is_format(kind) and kind.__module__.endswith(module.name))


def _is_format(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Layout) and kind is not Layout


FORMATS: Mapping[str, type[Layout]] = {
    kind.name: kind for kind in sorted(_found(), key=lambda kind: (kind.rank, kind.name))
}
"""What `--input` may name: the format. Without it the one is taken whose own marks are there."""


def format_named(name: str) -> type[Layout]:
    """The format of this name; what all formats have in common for a name that is none (`--pattern`)."""
    return FORMATS.get(name, Layout)
