"""A small school: four katas that need no files, and ways to lay out what a class hands in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from a_class import Class
from school import make_kata, pack

from grader.records import Kata


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
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    made = Class(tmp_path, school_katas)
    made.hand_in(alice_04="# accept", alice_09="# reject", bob_04="# reject\n# bob")
    return made
