"""What a suite's callables take: declared by annotations, and checked where a guest's call comes in.

    async def sail(self, boat: str) -> str: ...

So a suite need not expect a list, a coroutine or an object of the learner's where it has said `str`.
What is not annotated is not checked.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from grader.testing import assert_type


class Declaration:
    """The parameters of one callable, with what their annotations say."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = getattr(function, "__name__", "callable")
        self._signature = _signature(function)

    def check(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Raises Failure if an argument is not of its declared type.

        The call itself refuses a wrong number of them.
        """
        if self._signature is None:
            return
        try:
            bound = self._signature.bind(*args, **kwargs).arguments
        except TypeError:
            return
        for name, value in bound.items():
            parameter = self._signature.parameters[name]
            if parameter.annotation is parameter.empty:
                continue
            for each in _values(parameter.kind, value):
                assert_type(each, parameter.annotation, f"`{name}`, which `{self._name}` is given,")


def _values(kind: Any, value: Any) -> Sequence[Any]:
    """The values behind a parameter: of `*args` and `**kwargs` several."""
    if kind is inspect.Parameter.VAR_POSITIONAL:
        return tuple(value)
    return tuple(value.values()) if kind is inspect.Parameter.VAR_KEYWORD else (value,)


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    """What the callable takes, with types for annotations; None if it does not say."""
    method = getattr(function, "__func__", None)
    try:
        signature = _signature_in_class(method) if method else inspect.signature(function, eval_str=True)
    except (TypeError, ValueError):
        return None
    first = 1 if method else 0
    return signature.replace(parameters=list(signature.parameters.values())[first:])


@lru_cache(maxsize=256)
def _signature_in_class(method: Callable[..., Any]) -> inspect.Signature:
    """Kept, since the methods of one class are handed over again and again."""
    return inspect.signature(method, eval_str=True)
