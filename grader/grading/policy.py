"""How raw scores become marks: weights, which attempt counts, lateness, extensions.

A policy is a small TOML file, applied when results leave the store and never to what is in it:

    submission = "last"            # or "best"
    timezone = "Europe/Berlin"     # of times that have none; UTC without

    [points]                       # what a kata is worth; its raw score is scaled to it
    default = 10
    gather_readings = 20           # or "4", "04", "04_gather_readings": as katas are named anywhere

    [due]
    default = 2026-03-01T23:59:00
    gather_readings = 2026-03-08T23:59:00

    [late]
    percent = 10                   # off the mark, for each begun
    per = "day"                    # or "hour"
    grace_minutes = 15             # later than this, lateness counts from the due time
    at_most_percent = 50
    flagged_percent = 10           # called late by the learning system, which gave no time

    [extensions."jane@x.org"]      # a student by id or e-mail
    default = 48                   # hours more for every kata
    gather_readings = 2026-03-20T12:00:00
"""

from __future__ import annotations

import contextlib
import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from grader.catalog import Catalog
from grader.errors import BadInput, NoSuchKata
from grader.records import Kata, Record

DEFAULT = "default"
Counted = Literal["last", "best"]
Unit = Literal["day", "hour"]
UNITS: Mapping[Unit, timedelta] = {"day": timedelta(days=1), "hour": timedelta(hours=1)}
Extension = datetime | float
Value = TypeVar("Value")

MOST_POINTS = 1_000_000
MOST_HOURS = 10 * 366 * 24
MOST_MINUTES = 60 * MOST_HOURS
YEARS = range(1970, 3000)
"""Bounds within which sums of times and products of points stay what they are."""


class Late(Record, frozen=True, forbid_unknown_fields=True):
    """What lateness costs, in percent of the mark."""

    percent: float = 0
    per: Unit = "day"
    grace_minutes: float = 0
    at_most_percent: float = 100
    flagged_percent: float = 0


class Policy(Record, frozen=True, forbid_unknown_fields=True):
    """As the file says it; without a file, the last attempt at its raw score."""

    submission: Counted = "last"
    timezone: str = "UTC"
    points: Mapping[str, float] = {}
    due: Mapping[str, datetime] = {}
    late: Late = Late()
    extensions: Mapping[str, Mapping[str, Extension]] = {}

    def worth(self, slug: str, raw_max: float) -> float:
        """What the kata is worth; its own points where the policy does not say."""
        return self.points.get(slug, self.points.get(DEFAULT, raw_max))

    def due_for(self, slug: str, names: Sequence[str]) -> datetime | None:
        """When this student (called by any of these names) has to have handed in, if ever."""
        due = self.due.get(slug, self.due.get(DEFAULT))
        extension = self._extension(slug, names)
        if isinstance(extension, datetime):
            return self.zoned(extension)
        if due is None:
            return None
        return self.zoned(due) + timedelta(hours=extension or 0)

    def _extension(self, slug: str, names: Sequence[str]) -> Extension | None:
        by_name = {student.casefold(): given for student, given in self.extensions.items()}
        for name in names:
            given = by_name.get(name.casefold())
            if given is not None:
                return given.get(slug, given.get(DEFAULT))
        return None

    def penalty(self, late_by: timedelta) -> float:
        """Percent off for being late by this much."""
        if late_by <= timedelta(minutes=self.late.grace_minutes):
            return 0
        begun = math.ceil(late_by / UNITS[self.late.per])
        return min(self.late.percent * begun, self.late.at_most_percent)

    def zoned(self, time: datetime) -> datetime:
        """The time with the policy's zone, if it has none of its own."""
        return time if time.tzinfo else time.replace(tzinfo=self._zone())

    def _zone(self) -> tzinfo:
        return UTC if self.timezone == "UTC" else ZoneInfo(self.timezone)


# -- reading the file ------------------------------------------------------------------------------
class _WrongKeyError(Exception):
    """A key's value cannot be used; the message begins with the key. Only inside `read_policy`."""


class _File(Record, frozen=True, forbid_unknown_fields=True):
    """A policy as TOML has it: what stands in its tables is looked at key by key."""

    submission: Counted = "last"
    timezone: str = "UTC"
    points: Mapping[str, Any] = {}
    due: Mapping[str, Any] = {}
    late: Late = Late()
    extensions: Mapping[str, Any] = {}


_CHOICES = {"submission": get_args(Counted), "late.per": get_args(Unit)}
_FIELDS = {"": _File.__struct_fields__, "late": Late.__struct_fields__}


def read_policy(path: Path, katas: Sequence[Kata]) -> Policy:
    """The policy at `path`. Raises BadInput that names the key that is wrong.

    `katas` are all that it may speak of, also those that nobody handed in.
    """
    says = _toml(path)
    try:
        return _policy(_file(says), Catalog(folder=path.parent, katas=tuple(katas)))
    except _WrongKeyError as wrong:
        end = "" if str(wrong).endswith("?") else "."
        raise BadInput(f"The policy {path} is wrong: {wrong}{end}") from None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadInput(f"The policy {path} cannot be read: {problem.strerror}.") from None
    except (ValueError, RecursionError) as problem:  # no UTF-8, no TOML, or far too much of it
        raise BadInput(f"The policy {path} is not TOML: {problem}.") from None


def _file(says: dict[str, Any]) -> _File:
    try:
        return msgspec.convert(says, _File)
    except msgspec.ValidationError as problem:
        raise _WrongKeyError(_by_key(str(problem))) from None


def _by_key(complaint: str) -> str:
    """msgspec's complaint with its place as a TOML key, and what would do: `late.per: Invalid ...`."""
    what, _, where = complaint.partition(" - at `")
    key = where.rstrip("`").removeprefix("$").removeprefix(".")
    known = _CHOICES.get(key) if "enum" in what else _FIELDS.get(key) if "unknown" in what else None
    if known:
        what += f"; there are {', '.join(known)}"
    return f"{key}: {what}" if key else what


def _policy(file: _File, catalog: Catalog) -> Policy:
    for key in ("percent", "at_most_percent", "flagged_percent"):
        _number(f"late.{key}", getattr(file.late, key), 100)
    _number("late.grace_minutes", file.late.grace_minutes, MOST_MINUTES)
    policy = Policy(
        submission=file.submission,
        timezone=file.timezone,
        points=_table("points", file.points, catalog, _points),
        due=_table("due", file.due, catalog, _time),
        late=file.late,
        extensions={
            student: _table(f"extensions.{_as_key(student)}", given, catalog, _extension)
            for student, given in file.extensions.items()
        },
    )
    _refuse_unknown_zone(policy)
    return policy


def _as_key(name: str) -> str:
    """The name as TOML writes it in a key."""
    return name if re.fullmatch(r"[\w-]+", name, re.A) else f'"{name}"'


def _table(table: str, given: Any, catalog: Catalog, read: Callable[[str, Any], Value]) -> dict[str, Value]:
    """The table's values by slug, however its katas are named."""
    if not isinstance(given, Mapping):
        raise _WrongKeyError(f"{table}: must be a table of katas, not {given!r}")
    values: dict[str, Value] = {}
    for name, value in given.items():
        key = f"{table}.{_as_key(name)}"
        slug = _slug(key, name, catalog)
        if slug in values:
            raise _WrongKeyError(f"{key}: {slug} is there under another name already")
        values[slug] = read(key, value)
    return values


def _slug(key: str, name: str, catalog: Catalog) -> str:
    if name == DEFAULT:
        return DEFAULT
    try:
        return catalog.find(name).slug
    except NoSuchKata as problem:
        raise _WrongKeyError(f"{key}: {str(problem).rstrip('.')}") from None


def _number(key: str, value: Any, highest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _WrongKeyError(f"{key}: must be a number, not {value!r}")
    if not 0 <= value <= highest:  # and so neither infinite nor nan
        raise _WrongKeyError(f"{key}: must be between 0 and {highest}")
    return float(value)


def _points(key: str, value: Any) -> float:
    return _number(key, value, MOST_POINTS)


def _time(key: str, value: Any) -> datetime:
    if isinstance(value, str):
        with contextlib.suppress(msgspec.ValidationError):  # refused below, in words of ours
            value = msgspec.convert(value, datetime)
    if not isinstance(value, datetime):
        shown = repr(value) if isinstance(value, str) else value
        raise _WrongKeyError(f"{key}: must be a date with a time, as 2026-03-01T23:59:00, not {shown}")
    if value.year not in YEARS:
        raise _WrongKeyError(f"{key}: must be in one of the years {YEARS[0]} to {YEARS[-1]}")
    return value


def _extension(key: str, value: Any) -> Extension:
    """A number is hours more, anything else a time."""
    if isinstance(value, int | float):
        return _number(key, value, MOST_HOURS)
    return _time(key, value)


def _refuse_unknown_zone(policy: Policy) -> None:
    try:
        policy.zoned(datetime(2000, 1, 1))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _WrongKeyError(
            f"timezone: {policy.timezone!r} is not known on this machine (as in 'Europe/Berlin')"
        ) from None
