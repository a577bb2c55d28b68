"""Every attack works where nothing holds it: else that it fails here would prove nothing."""

from __future__ import annotations

import platform
import socket
from pathlib import Path

import pytest

from tests.attacks.attack import ATTACKS, Attack
from tests.attacks.controls import CONTROLS

OUTSIDE = [attack for attack in ATTACKS if attack.control in CONTROLS]


def test_every_control_is_known() -> None:
    """A control is one of these, or shows in the attack's own judgement, or says why there is none."""
    for attack in ATTACKS:
        known = attack.control in CONTROLS or attack.control.startswith(("says ", "none: "))
        assert known, f"{attack.name}: {attack.control}"


@pytest.mark.parametrize("attack", OUTSIDE, ids=lambda attack: attack.name)
def test_an_attack_works_where_nothing_holds_it(attack: Attack, tmp_path: Path) -> None:
    if attack.said.get("Machine", platform.machine()) != platform.machine():
        return
    (tmp_path / "victim").write_text("unharmed")
    (tmp_path / "other_submission.py").write_text("secret of another")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        source = attack.source(tmp_path, listener.getsockname()[1])
        (tmp_path / "solution.py").write_text(source)
        assert CONTROLS[attack.control](attack, tmp_path)
