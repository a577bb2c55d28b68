"""`datetime.datetime` and `datetime.date` that know what day it is on the virtual clock.

Each is a stand-in whose instances are all of the real class, so that they compare, cross the wire
and outlive their world like any other; only "now" and "today" are answered here.
"""

from __future__ import annotations

import datetime as _real
import sys
import warnings
from typing import Any

from grader.sim.shims import time as time_shim

_date, _datetime = _real.date, _real.datetime


class _StandIn(type):
    """Makes a stand-in pass for the class it stands for; a program's own subclass is itself."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _REAL[cls]) if cls in _REAL else type.__instancecheck__(cls, instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, _REAL[cls]) if cls in _REAL else type.__subclasscheck__(cls, subclass)


class SimDate(_real.date, metaclass=_StandIn):
    """`datetime.date` on the virtual clock."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return _date(*args, **kwargs) if cls is SimDate else super().__new__(cls, *args, **kwargs)

    @classmethod
    def today(cls) -> Any:
        return cls.fromtimestamp(time_shim.time())


class SimDateTime(_real.datetime, metaclass=_StandIn):
    """`datetime.datetime` on the virtual clock."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return _datetime(*args, **kwargs) if cls is SimDateTime else super().__new__(cls, *args, **kwargs)

    @classmethod
    def now(cls, tz: _real.tzinfo | None = None) -> Any:
        return cls.fromtimestamp(time_shim.time(), tz)

    @classmethod
    def today(cls) -> Any:
        return cls.fromtimestamp(time_shim.time())

    @classmethod
    def utcnow(cls) -> Any:
        if sys.version_info >= (3, 12):
            advice = "datetime.datetime.utcnow() is deprecated. Use datetime.datetime.now(datetime.UTC)."
            warnings.warn(advice, DeprecationWarning, stacklevel=2)
        return cls.fromtimestamp(time_shim.time(), _real.UTC).replace(tzinfo=None)


_REAL: dict[type, type] = {SimDate: _date, SimDateTime: _datetime}
for _stand_in, _stood_for in _REAL.items():
    _stand_in.__name__ = _stand_in.__qualname__ = _stood_for.__name__
    _stand_in.__module__ = "datetime"


def patches() -> list[tuple[Any, str, Any]]:
    """What of `datetime` a simulated process replaces."""
    return [(_real, "date", SimDate), (_real, "datetime", SimDateTime)]
