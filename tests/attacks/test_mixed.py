"""In a row of honest and hostile submissions, each is judged as if it were alone."""

from __future__ import annotations

from pathlib import Path

from tests.attacks.mixed import judge_mixed


def test_sixty_mixed_at_random_are_each_judged_rightly(tmp_path: Path) -> None:
    found = judge_mixed(60, 4, tmp_path)
    assert found.judged == 60
    assert 20 < found.honest < 40
    assert not found.wronged
    assert not found.fooled
    assert not found.errors
    assert not found.left
