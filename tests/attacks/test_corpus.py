"""No attack is accepted, none crashes or hangs the judge, none touches what comes after it."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator

import pytest

from grader.records import Judgement, Verdict
from tests.attacks.attack import ATTACKS, HARM, HELD_BACK, Attack
from tests.attacks.scene import HURRIED, HURRIED_ONCE, SHORT, Scene

MAX_SHOWN = 50_000
"""Characters of a verdict's words: more is no help to a reader, and a burden on a store."""


def cases() -> Iterator[object]:
    for attack in ATTACKS:
        if attack.said.get("Machine", platform.machine()) != platform.machine():
            continue
        why = attack.said.get("Residual")
        marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
        for level in attack.levels:
            slow = [pytest.mark.slow] if level == "none" else []
            yield pytest.param(attack, level, id=f"{attack.name}-{level}", marks=[*marks, *slow])


def words_of(judgement: Judgement) -> str:
    return "\n".join(f"{check.rationale}\n{check.output}" for check in judgement.checks)


def test_the_corpus_is_whole() -> None:
    """Sixty files or more, each of which says what it tries and what its control is."""
    assert len(ATTACKS) >= 60
    for attack in ATTACKS:
        assert attack.said.get("Tries"), attack.name
        assert attack.said.get("Control"), attack.name


@pytest.mark.parametrize(("attack", "level"), list(cases()))
def test_an_attack_gains_nothing_and_leaves_nothing(
    attack: Attack, level: str, scenes: Callable[[str], Scene]
) -> None:
    scene = scenes(level)
    before = scene.state()
    judgement = scene.judged(attack, HURRIED_ONCE if level == "best" else HURRIED)
    after = scene.state()
    # One of before may have ended meanwhile; none may have come.
    assert set(after.pop("orphans")) <= set(before.pop("orphans"))
    assert after == before
    assert scene.honest_is_accepted()
    assert not scene.was_connected_to()
    verdicts = {check.verdict for check in judgement.checks}
    words = words_of(judgement)
    assert not judgement.accepted
    assert Verdict.JUDGE_ERROR not in verdicts, words
    assert HARM not in words
    assert not any("Traceback" in (check.rationale or "") for check in judgement.checks)
    assert judgement.isolation == scene.isolation
    assert all(len(check.rationale or "") <= MAX_SHOWN for check in judgement.checks)
    limits_s = SHORT.wall_s * (len(judgement.checks) + 1) * (2 if level == "best" else 1)
    assert judgement.elapsed_wall_ms < limits_s * 1000
    if attack.ends:
        assert judgement.verdict in attack.ends, words
    elif attack.control == "attempt" and "HELD" in attack.path.read_text().upper():
        assert HELD_BACK in words, words
    if attack.control.startswith("says "):
        assert attack.control.removeprefix("says ").encode().decode("unicode_escape") in words
