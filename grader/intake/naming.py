"""Names the student: who on the roster is each of those whom a learning system names, and who is nobody.

Rules
- Id and name must agree, with the roster and among themselves (`roster.names_agree`). What contradicts is
  unmatched: listed, and nobody's.
- Of several who claim to be one person, those with the surest claim are. Others are unmatched.
- Where claims are equally sure, a run whose format nobody has named ends. With `--input` all of them are
  unmatched.
- Who is not on the roster keeps the learning system's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import msgspec

from grader.errors import BadInput
from grader.intake.handins import Problem, Student
from grader.intake.items import Item, home_of
from grader.intake.roster import BY_FOLDED, Claim, Roster, names_agree


def name_students(items: Sequence[Item], roster: Roster, *, asked: bool) -> Iterator[Item]:
    """The items with their students as the roster has them; a problem for each who is unmatched.

    `asked` says that the format was named. Raises BadInput where two claims contradict each other otherwise.
    """
    candidates = [item.student for item in items if not isinstance(item, Problem)]
    named, unmatched = who_is_who(candidates, roster, asked=asked)
    for item in items:
        if isinstance(item, Problem):
            yield item
        elif item.student in named:
            yield msgspec.structs.replace(item, student=named[item.student])
        elif item.student in unmatched:
            why = f"unmatched: {unmatched.pop(item.student)}"
            yield Problem(path=f"{home_of(item)} of {item.student.called}", why=why)


def who_is_who(
    candidates: Iterable[Student], roster: Roster, *, asked: bool
) -> tuple[dict[Student, Student], dict[Student, str]]:
    """(who each candidate is, why each of the others is unmatched)."""
    named: dict[Student, Student] = {}
    unmatched: dict[Student, str] = {}
    rivals: dict[str, list[Student]] = {}
    claims = {candidate: roster.claim(candidate) for candidate in dict.fromkeys(candidates)}
    for candidate, claim in claims.items():
        if claim.contradiction:
            unmatched[candidate] = claim.contradiction
        else:
            rivals.setdefault(claim.known.id if claim.known else candidate.id, []).append(candidate)
    for of_one in rivals.values():
        surest, others = _surest(of_one, claims)
        contested = _contradiction(surest, claims)
        if contested and not asked:
            raise BadInput(
                f"The entries disagree: {contested}.",
                advice="Correct them, or name the format with --input, which lists them as unmatched.",
            )
        if contested:
            unmatched |= dict.fromkeys(of_one, contested)
            continue
        named |= {candidate: _as_on(claims[candidate], candidate) for candidate in surest}
        unmatched |= dict.fromkeys(others, f"might be {_name_of(surest[0], claims)}, who surely is another")
    return named, unmatched


def _surest(
    of_one: Sequence[Student], claims: Mapping[Student, Claim]
) -> tuple[list[Student], list[Student]]:
    """Those with the surest claim, and who shares a number or an address with one of them; the others."""
    best = max(claims[candidate].strength for candidate in of_one)
    surest = [candidate for candidate in of_one if claims[candidate].strength == best]
    shared = {key for candidate in surest for key in _own(candidate)}
    surest += [other for other in of_one if other not in surest and shared.intersection(_own(other))]
    return surest, [other for other in of_one if other not in surest]


def _own(candidate: Student) -> Iterator[str]:
    yield from filter(None, (candidate.id, candidate.email))


def _contradiction(surest: Sequence[Student], claims: Mapping[Student, Claim]) -> str:
    """Why these cannot all be one person, or nothing."""
    for one, other in combinations(surest, 2):
        if not names_agree(one.name, other.name):
            return f"{one.called} and {other.called} have one id"
        is_sure = claims[one].known is None or claims[one].strength > BY_FOLDED
        if not is_sure and one.id != other.id:
            return f"{one.called} and {other.called} may both be {_name_of(one, claims)}"
    return ""


def _name_of(candidate: Student, claims: Mapping[Student, Claim]) -> str:
    known = claims[candidate].known
    return known.called if known else candidate.called


def _as_on(claim: Claim, candidate: Student) -> Student:
    """The roster's record, with what the learning system calls this person."""
    if claim.known is None:
        return candidate
    lms_id = candidate.lms_id or claim.known.lms_id
    return msgspec.structs.replace(claim.known, lms_id=lms_id, name=claim.known.name or candidate.name)
