"""How far a learner is: a pure record, stepped forward by the caller, who also passes in the time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import msgspec

from grader.records import Kata, Record

PROGRESS_VERSION = 1


class KataProgress(Record, frozen=True):
    """How far a learner is with one kata."""

    attempts: int = 0
    hints: int = 0
    """The highest number of a hint that was shown."""
    first_checked: datetime | None = None
    last_checked: datetime | None = None
    accepted_at: datetime | None = None
    """The first time that it was accepted; kept when a later attempt is not."""

    @property
    def state(self) -> str:
        """`untouched`, `tried` or `accepted`."""
        if self.accepted_at:
            return "accepted"
        return "tried" if self.attempts else "untouched"


class Progress(Record, frozen=True):
    """How far a learner is, by slug, and on which days they practised."""

    version: int = PROGRESS_VERSION
    katas: dict[str, KataProgress] = msgspec.field(default_factory=dict)
    days: tuple[date, ...] = ()

    def of(self, kata: Kata) -> KataProgress:
        return self.katas.get(kata.slug, KataProgress())

    def next_kata(self, katas: Iterable[Kata]) -> Kata | None:
        """The first kata not yet accepted; None when all are."""
        return next((kata for kata in katas if self.of(kata).state != "accepted"), None)

    def streak(self, today: date) -> int:
        """Days practised in a row, up to today or, as today is not over, up to yesterday."""
        practised = set(self.days)
        day = today if today in practised else today - timedelta(days=1)
        length = 0
        while day - timedelta(days=length) in practised:
            length += 1
        return length

    def with_check(self, kata: Kata, accepted: bool, now: datetime) -> Progress:
        """This progress after one more judgement of the kata."""
        was = self.of(kata)
        became = msgspec.structs.replace(
            was,
            attempts=was.attempts + 1,
            first_checked=was.first_checked or now,
            last_checked=now,
            accepted_at=was.accepted_at or (now if accepted else None),
        )
        days = self.days if now.date() in self.days else (*self.days, now.date())
        return msgspec.structs.replace(self, katas={**self.katas, kata.slug: became}, days=days)

    def with_hint(self, kata: Kata, step: int) -> Progress:
        """This progress after hint `step` (from 1) was shown."""
        was = self.of(kata)
        became = msgspec.structs.replace(was, hints=max(was.hints, step))
        return msgspec.structs.replace(self, katas={**self.katas, kata.slug: became})
