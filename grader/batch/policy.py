"""How raw scores become marks: weights, which attempt counts, lateness, extensions.

A policy is a small TOML file, applied when results leave the store and never to what is in it:

    submission = "last"            # or "best"
    timezone = "Europe/Berlin"     # of times that have none; UTC without

    [points]                       # what a kata is worth; its raw score is scaled to it
    default = 10
    gather_readings = 20

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

import math
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from grader.errors import BadInput
from grader.records import Record

DEFAULT = "default"
UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1)}
Extension = datetime | float


class Late(Record, frozen=True, forbid_unknown_fields=True):
    """What lateness costs, in percent of the mark."""

    percent: float = 0
    per: Literal["day", "hour"] = "day"
    grace_minutes: float = 0
    at_most_percent: float = 100
    flagged_percent: float = 0


class Policy(Record, frozen=True, forbid_unknown_fields=True):
    """As the file says it; without a file, the last attempt at its raw score."""

    submission: Literal["last", "best"] = "last"
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
        for name in names:
            given = self.extensions.get(name)
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


def read_policy(path: Path, slugs: Sequence[str]) -> Policy:
    """The policy at `path`. Raises BadInput that names the key that is wrong.

    `slugs` are the katas that it may speak of.
    """
    try:
        policy = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Policy)
    except OSError as problem:
        raise BadInput(f"The policy {path} cannot be read: {problem.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise BadInput(f"The policy {path} is not TOML: {problem}.") from None
    except msgspec.ValidationError as problem:
        raise BadInput(f"The policy {path} is wrong: {_by_key(str(problem))}.") from None
    wrong = _wrong_value(policy, slugs)
    if wrong:
        raise BadInput(f"The policy {path} is wrong: {wrong}.")
    return policy


def _by_key(complaint: str) -> str:
    """msgspec's complaint with its place as a TOML key: `late.percent: Expected ...`."""
    what, _, where = complaint.partition(" - at `")
    key = where.rstrip("`").removeprefix("$").removeprefix(".").replace("[...]", ".<name>")
    return f"{key}: {what}" if key else what


def _wrong_value(policy: Policy, slugs: Sequence[str]) -> str:
    """The first value that is of the right type and still makes no sense, or nothing."""
    tables: list[tuple[str, Mapping[str, object]]] = [("points", policy.points), ("due", policy.due)]
    tables += [(f'extensions."{name}"', given) for name, given in policy.extensions.items()]
    for table, given in tables:
        for slug in given:
            if slug not in (DEFAULT, *slugs):
                return f"{table}.{slug}: there is no such kata"
    for slug, points in policy.points.items():
        if not 0 <= points < math.inf:
            return f"points.{slug}: must be 0 or more"
    for key in ("percent", "at_most_percent", "flagged_percent"):
        if not 0 <= getattr(policy.late, key) <= 100:
            return f"late.{key}: must be between 0 and 100"
    if not policy.late.grace_minutes >= 0:
        return "late.grace_minutes: must be 0 or more"
    return _wrong_zone(policy)


def _wrong_zone(policy: Policy) -> str:
    try:
        policy.zoned(datetime(2000, 1, 1))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"timezone: {policy.timezone!r} is not known on this machine (as in 'Europe/Berlin')"
    return ""
