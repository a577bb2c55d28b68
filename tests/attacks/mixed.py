"""Attacks and honest submissions in one row, mixed by a seed, through one judge."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from grader.records import Limits, Submission, Verdict
from tests.attacks.attack import ATTACKS, Attack
from tests.attacks.scene import HURRIED, KATA, SOLUTIONS, scene

HONEST = [path.read_bytes() for path in sorted((SOLUTIONS / "accepted").glob("*.py"))]
ROOMY = msgspec.structs.replace(KATA, limits=Limits(threads=KATA.limits.threads))
LASTING = ("spins", "swallows", "wire_truncated", "wire_great", "wire_frames", "sleeps", "stops", "holds")
"""Attacks that use up a whole limit; in a long row each of them comes once."""


@dataclass
class Mixed:
    """What came of a row."""

    judged: int = 0
    honest: int = 0
    wronged: list[str] = field(default_factory=list)
    """Honest submissions that were not accepted."""
    fooled: list[str] = field(default_factory=list)
    """Attacks that were."""
    errors: list[str] = field(default_factory=list)
    """Whatever was told as our own error."""
    left: list[str] = field(default_factory=list)
    """What was there afterwards and not before."""
    took_s: float = 0.0


def row_of(count: int, rng: random.Random) -> list[Attack | bytes]:
    """As many submissions; every second is honest, on average."""
    attacks = [attack for attack in ATTACKS if "Residual" not in attack.said and "full" in attack.levels]
    once = [attack for attack in attacks if attack.name.startswith(LASTING)]
    often = [attack for attack in attacks if attack not in once]
    row: list[Attack | bytes] = list(rng.sample(once, min(len(once), count // 20)))
    while len(row) < count:
        row.append(rng.choice(HONEST) if rng.random() < 0.5 else rng.choice(often))
    rng.shuffle(row)
    return row


def judge_mixed(count: int, seed: int, folder: Path) -> Mixed:
    """Judge a row at full isolation."""
    found, rng = Mixed(), random.Random(seed)
    one = scene("full", folder)
    started_s = time.monotonic()
    try:
        before = one.state()
        for entry in row_of(count, rng):
            found.judged += 1
            if isinstance(entry, bytes):
                found.honest += 1
                judgement = one.judge.judge(ROOMY, Submission(source=entry, filename="solution.py"))
                if not judgement.accepted:
                    found.wronged.append(f"{judgement.verdict}: {judgement.checks}")
                continue
            judgement = one.judged(entry, HURRIED)
            if judgement.accepted:
                found.fooled.append(entry.name)
            if judgement.verdict is Verdict.JUDGE_ERROR:
                found.errors.append(entry.name)
        after = one.state()
        changed = [what for what in before if before[what] != after[what]]
        found.left = [f"{what}: {before[what]} -> {after[what]}" for what in changed]
    finally:
        one.close()
    found.took_s = time.monotonic() - started_s
    return found
