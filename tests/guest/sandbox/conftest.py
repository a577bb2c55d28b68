"""Runs of `inmate.py` under one condition each, cached, since many tests ask about one run."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import as_nobody
import pytest
from prison import CONDITIONS, HERE, PATHS, attempts

Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def run() -> Run:
    """Run attempts under a condition given as the script's own arguments."""

    def run(names: list[str], *, nobody: bool = False, **asked: Any) -> dict[str, Any]:
        argument = json.dumps({"paths": PATHS, "attempts": names, "without": [], **asked})
        script = str(HERE / "inmate.py")
        with tempfile.TemporaryDirectory() as place:
            Path(place).chmod(0o755)
            command = [sys.executable, "-I", script, argument]
            if nobody and os.geteuid() == 0:
                command[2:2] = [str(HERE / "as_nobody.py"), place]
            # A session without a terminal, wherever the tests themselves are run.
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=90, check=False, start_new_session=True
            )
        if done.returncode == as_nobody.CANNOT:
            pytest.skip("this root cannot become an ordinary user who reaches this interpreter")
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return run


@pytest.fixture(scope="session")
def prison(run: Run) -> Callable[[str], dict[str, Any]]:
    """All attempts under one of `CONDITIONS`, made once."""

    @functools.cache
    def prison(condition: str) -> dict[str, Any]:
        return run(attempts(), **CONDITIONS[condition])

    return prison
