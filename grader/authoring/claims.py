"""What a rejected answer says of itself: the first line of its docstring, read strictly.

    Rejected by test_requests_overlap: NOT_CONCURRENT (awaited_in_a_loop). Free words follow.

The misconception in brackets may be left out. The line is read as text and not by `ast`, so that a
rejected answer may be one that Python cannot parse.
"""

from __future__ import annotations

import re
from pathlib import Path

from grader.errors import BadKata
from grader.records import CheckResult, Judgement, Record, Verdict

_LINE = re.compile(
    r"Rejected by (?P<check>test_\w+): (?P<verdict>[A-Z_]+)(?: \((?P<misconception>[a-z][a-z0-9_]*)\))?\."
    r"(?: \S.*)?"
)
_FORM = "Rejected by test_name: VERDICT (misconception). Words."
_OPENING = '"""'


class Claim(Record, frozen=True):
    """Which check rejects the answer, with what verdict and, where named, what misconception."""

    check: str
    verdict: Verdict
    misconception: str | None = None

    def problems(self, judgement: Judgement) -> list[str]:
        """What the judgement says otherwise; empty if the claim holds."""
        found = next((check for check in judgement.checks if check.id == self.check), None)
        if found is None:
            return [f"claims {self.check}, which is no check of the suite"]
        if found.verdict is not self.verdict:
            return [f"{self.check} says {found.verdict}{_why(found)} and not {self.verdict}"]
        if self.misconception and found.misconception != self.misconception:
            return [
                f"{self.check} sees {found.misconception or 'no misconception'} and not {self.misconception}"
            ]
        return []


def _why(check: CheckResult) -> str:
    return f" ({check.rationale.splitlines()[0]})" if check.rationale else ""


def read_claim(file: Path) -> Claim:
    """The claim of a rejected answer. Raises BadKata, which names the file and what its line lacks."""
    with file.open("rb") as opened:
        first = opened.readline().decode("utf-8", "replace").rstrip("\r\n")
    said = first.removeprefix(_OPENING).removesuffix(_OPENING).rstrip()
    match = _LINE.fullmatch(said) if first.startswith(_OPENING) else None
    if match is None:
        raise BadKata(f"{file}: its first line is not '{_OPENING}{_FORM}'.", advice=f"It is '{first}'.")
    if match["verdict"] not in list(Verdict) or match["verdict"] == Verdict.ACCEPTED:
        known = ", ".join(verdict for verdict in Verdict if verdict is not Verdict.ACCEPTED)
        raise BadKata(
            f"{file}: '{match['verdict']}' is no verdict that rejects.", advice=f"Known are {known}."
        )
    return Claim(
        check=match["check"], verdict=Verdict(match["verdict"]), misconception=match["misconception"]
    )
