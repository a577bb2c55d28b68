"""What is not simulated, refused by name: silence would let it reach the real machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from grader.errors import NotSimulated


def refusal(name: str) -> Callable[..., NoReturn]:
    """A function that raises NotSimulated, naming what was asked for: `signal.pause`."""

    def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise NotSimulated(f"{name} is not simulated")

    refuse.__name__ = refuse.__qualname__ = name.rpartition(".")[2]
    return refuse


def refusals(module: Any, names: Iterable[str]) -> list[tuple[Any, str, Any]]:
    """Patches that refuse those of the names that the module has on this platform."""
    return [(module, name, refusal(f"{module.__name__}.{name}")) for name in names if hasattr(module, name)]
