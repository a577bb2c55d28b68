"""Which paths a guest may read: carved around what must stay hidden."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.guest.sandbox import landlock, readable
from grader.guest.sandbox.readable import Grant, carve


def plant(root: Path, *files: str) -> None:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def seen(root: Path, *hidden: str) -> list[str]:
    return [str(path.relative_to(root)) for path in carve(root, [root / name for name in hidden])]


def test_what_hides_nothing_is_granted_whole(tmp_path: Path) -> None:
    """One rule for one tree."""
    plant(tmp_path, "os.py", "json/decoder.py")
    assert seen(tmp_path) == ["."]


def test_a_folder_within_is_left_out_and_the_rest_kept(tmp_path: Path) -> None:
    """As `site-packages` inside the standard library's own folder."""
    plant(
        tmp_path, "os.py", "json/decoder.py", "site-packages/grader/suites/x.py", "deep/a/b.py", "deep/c.py"
    )
    assert seen(tmp_path, "site-packages", "deep/a") == ["deep/c.py", "json", "os.py"]


def test_asking_for_what_is_hidden_or_below_it_grants_nothing(tmp_path: Path) -> None:
    """A kata cannot declare the suites."""
    plant(tmp_path, "grader/suites/x.py")
    assert list(carve(tmp_path / "grader", [tmp_path / "grader"])) == []
    assert list(carve(tmp_path / "grader" / "suites", [tmp_path / "grader"])) == []


def test_a_link_does_not_bring_back_what_is_hidden(tmp_path: Path) -> None:
    """Neither one to it nor one to a folder above it, which also would never end."""
    plant(tmp_path, "lib/os.py", "lib/site-packages/x.py", "elsewhere/y.py", "lib/deep/hidden/z.py")
    (tmp_path / "lib" / "deep" / "packages").symlink_to(tmp_path / "lib" / "site-packages")
    (tmp_path / "lib" / "packages").symlink_to(tmp_path / "lib" / "site-packages")
    (tmp_path / "lib" / "up").symlink_to(tmp_path)
    (tmp_path / "lib" / "out").symlink_to(tmp_path / "elsewhere")
    granted = list(
        carve(tmp_path / "lib", [tmp_path / "lib" / name for name in ("site-packages", "deep/hidden")])
    )
    assert sorted(granted) == sorted([tmp_path / "lib" / "os.py", tmp_path / "elsewhere"])


NAMES = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join)


@given(files=st.sets(NAMES, min_size=1), hidden=st.sets(NAMES))
def test_every_file_is_either_granted_once_or_hidden(
    tmp_path_factory: pytest.TempPathFactory, files: set[str], hidden: set[str]
) -> None:
    """Nothing hidden is granted, nothing else is lost, nothing is granted twice."""
    root = tmp_path_factory.mktemp("tree")
    plant(root, *(f"{file}/file" for file in sorted(files)))
    granted = list(carve(root, [root / name for name in sorted(hidden)]))
    for file in root.rglob("file"):
        covering = sum(file.is_relative_to(path) for path in granted)
        assert covering == (0 if any(file.is_relative_to(root / name) for name in hidden) else 1)


def test_nothing_of_the_project_is_granted() -> None:
    """Whatever else a guest may read, no path granted holds or lies in the project's own folders."""
    paths = [grant.path for grant in readable.grants(()) if not grant.names_only]
    for own in readable.own_folders():
        assert [path for path in paths if own.is_relative_to(path) or path.is_relative_to(own)] == []


def test_the_standard_library_is_granted_without_what_is_installed_beside_it() -> None:
    """An interpreter outside any virtual environment keeps all packages inside that folder."""
    home = readable.standard_library()[0]
    paths = [grant.path for grant in readable.grants(()) if not grant.names_only]
    assert home / "asyncio" in paths
    assert [path for path in paths if (home / "site-packages").is_relative_to(path)] == []
    assert Path(sys.executable).resolve() in paths


def test_a_declared_package_makes_its_folders_names_visible_only_among_packages(tmp_path: Path) -> None:
    """Imports list `site-packages`; a package elsewhere gives away nothing of its neighbours."""
    site = tmp_path / "site-packages"
    plant(site, "one/__init__.py", "two.py")
    plant(tmp_path, "mine/__init__.py")
    declared = [str(site / "one"), str(tmp_path / "mine")]
    always = readable.grants(())
    added = [grant for grant in readable.grants(declared) if grant not in always]
    assert added == [Grant(site / "one"), Grant(tmp_path / "mine"), Grant(site, names_only=True)]


@pytest.mark.parametrize(
    ("version", "files", "size"), [(1, 13, 8), (2, 14, 8), (3, 15, 8), (4, 15, 16), (5, 16, 16)]
)
def test_an_old_landlock_is_asked_for_what_it_knows(version: int, files: int, size: int) -> None:
    """It refuses unknown kinds of access, and unknown fields that are not zero."""
    attributes = landlock.governed(version)
    assert len(attributes) == size
    assert struct.unpack_from("<Q", attributes) == ((1 << files) - 1,)


@pytest.mark.parametrize("version", [6, 7, 8, 20])
def test_a_new_landlock_is_asked_for_all_that_we_know(version: int) -> None:
    """Files, TCP, and the two scopes."""
    assert struct.unpack("<QQQ", landlock.governed(version)) == (0xFFFF, 3, 3)
