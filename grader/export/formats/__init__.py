"""The exporters: one class in one file of this folder, which is all that registers it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping

from grader.export.exporter import Exporter

__all__ = ["EXPORTERS"]


def _found() -> Iterator[type[Exporter]]:
    for module in pkgutil.iter_modules(__path__):
        inside = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        yield from (kind for kind in inside if _is_exporter(kind) and kind.__module__.endswith(module.name))


def _is_exporter(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exporter) and kind is not Exporter


EXPORTERS: Mapping[str, Exporter] = {
    kind.name: kind() for kind in sorted(_found(), key=lambda kind: (kind.rank, kind.name))
}
"""What `--format` may name: what writes it."""
