"""What every test may count on, however the tests were started, and a small school for those of a class."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.records import Kata

DOUBLES = Path(__file__).parent / "doubles"
"""Fakes, which processes that a test starts import too: so they are top-level modules."""
sys.path.insert(0, str(DOUBLES))

from a_class import Class  # noqa: E402  # the path to it is said above
from school import make_kata, pack  # noqa: E402  # likewise

# A shell has what it starts in the background ignore Ctrl-C, and children inherit it:
# then no interrupt of a test would arrive.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits on the machine's clock or needs a browser is slow: `make test-slow` runs it."""
    for item in items:
        if any(item.get_closest_marker(name) for name in ("real_clock", "browser")):
            item.add_marker("slow")


@pytest.fixture
def katas() -> tuple[Kata, ...]:
    """Three katas; two share an entry point, so that source alone cannot always tell them apart."""
    return (
        make_kata(1, "first_coroutine", "boil", "main"),
        make_kata(4, "gather_readings", "read_all"),
        make_kata(8, "partial_failure", "read_all", "Report"),
        make_kata(9, "timeouts", "fetch"),
    )


@pytest.fixture
def lay_out(tmp_path: Path) -> Callable[..., Path]:
    """Writes files below a new folder, as folders or as a zip of the same."""

    def write(files: dict[str, bytes | str], *, name: str = "class", packed: bool = False) -> Path:
        if packed:
            path = tmp_path / f"{name}.zip"
            path.write_bytes(pack(files))
            return path
        for inner, content in files.items():
            path = tmp_path / name / inner
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / name

    return write


@pytest.fixture
def school_katas(tmp_path: Path) -> Path:
    """Two katas on disk with suites beside them, as an instructor's own would be."""
    for number, slug, entry_point in ((4, "gather_readings", "read_all"), (9, "timeouts", "fetch")):
        folder = tmp_path / "katas" / f"{number:02d}_{slug}"
        folder.mkdir(parents=True)
        title = slug.replace("_", " ").capitalize()
        (folder / "kata.toml").write_text(f'title = "{title}"\nunit = 1\nentry_points = ["{entry_point}"]\n')
        (folder / "README.md").write_text("# Statement\n")
        (folder / "hints.md").write_text("# 1\nFirst.\n\n# 2\nSecond.\n\n# 3\nThird.\n")
        (folder / "stub.py").write_text(f"def {entry_point}(names):\n    return names\n")
        suite = tmp_path / "suites" / f"test_{folder.name}.py"
        suite.parent.mkdir(exist_ok=True)
        suite.write_text("# the suite\n")
    return tmp_path / "katas"


@pytest.fixture
def school_class(tmp_path: Path, school_katas: Path, monkeypatch: pytest.MonkeyPatch) -> Class:
    """Two students, three submissions."""
    monkeypatch.setenv("PYTHONPATH", str(DOUBLES))
    made = Class(tmp_path, school_katas)
    made.hand_in(alice_04="# accept", alice_09="# reject", bob_04="# reject\n# bob")
    return made
