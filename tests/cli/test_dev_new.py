"""`kata dev new` writes where the author is, or where they say, and never into an installed grader."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.catalog import OWN_KATAS, load_catalog
from grader.cli import cli

from .conftest import add_kata


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of the grader, with one kata."""
    add_kata(tmp_path / "checkout" / "katas", 1, "first_coroutine")
    (tmp_path / "checkout" / "suites").rename(tmp_path / "checkout" / "other")
    (tmp_path / "checkout" / "grader" / "suites").mkdir(parents=True)
    (tmp_path / "checkout" / "docs" / "deep").mkdir(parents=True)
    return tmp_path / "checkout"


def new(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["dev", "new", *map(str, arguments)], prog_name="kata")


def created(result: Result) -> list[Path]:
    lines = result.output.splitlines()
    return [Path(line.removeprefix("created  ")) for line in lines if line.startswith("created")]


@pytest.mark.parametrize("here", [".", "katas", "docs/deep"])
def test_in_a_checkout_it_writes_into_that_checkout(checkout, monkeypatch, here):
    """Wherever in it: katas, suites of the grader, solutions."""
    monkeypatch.chdir(checkout / here)
    told = new(41, "print_queue")
    assert told.exit_code == 0
    assert all(checkout in path.parents for path in created(told))
    assert (checkout / "katas" / "41_print_queue" / "stub.py").is_file()
    assert (checkout / "grader" / "suites" / "test_41_print_queue.py").is_file()
    assert (checkout / "solutions" / "41_print_queue" / "accepted").is_dir()
    assert "with this checkout's own grader" in told.output
    assert told.output.endswith(f"The rules: {checkout / 'katas' / 'README.md'}\n")


def test_a_name_that_is_taken_in_that_checkout_is_refused(checkout, monkeypatch):
    """And one that only the installed grader has is free."""
    monkeypatch.chdir(checkout)
    assert new(1, "other").exit_code == 2
    assert new(4, "gather_readings").exit_code == 0


def test_anywhere_else_it_refuses_and_says_where_to_go(tmp_path, monkeypatch):
    """Nothing is written, above all not into the installed grader."""
    monkeypatch.chdir(tmp_path)
    before = sorted(OWN_KATAS.iterdir())
    refused = new(941, "print_queue")
    assert refused.exit_code == 2
    assert "in no checkout" in refused.output
    assert "--katas DIR" in refused.output
    assert refused.output.count("\n") == 1
    assert sorted(OWN_KATAS.iterdir()) == before
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("how", ["option", "global"])
def test_into_a_folder_of_ones_own_from_anywhere(tmp_path, checkout, monkeypatch, how, is_there):
    """Also from a checkout; suites and solutions stand beside it, and what to type next says so.

    It need not be there yet.
    """
    katas = tmp_path / "course" / "katas"
    if is_there:
        katas.mkdir(parents=True)
    monkeypatch.chdir(checkout)
    before = ["--katas", str(katas)] if how == "global" else []
    after = ["--katas", str(katas)] if how == "option" else []
    told = CliRunner().invoke(cli, [*before, "dev", "new", "41", "print_queue", *after], prog_name="kata")
    assert told.exit_code == 0
    assert all(tmp_path / "course" in path.parents for path in created(told))
    made = load_catalog(katas).find("print_queue")
    assert made.suite == tmp_path / "course" / "suites" / "test_41_print_queue.py"
    assert made.suite.is_file()
    assert f"kata --katas {katas} dev verify 41" in told.output
    assert told.output.endswith(f"The rules: {OWN_KATAS / 'README.md'}\n")
    assert (OWN_KATAS / "README.md").is_file()


def test_a_name_that_is_refused_makes_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert new(41, "Bad-Slug", "--katas", "course/katas").exit_code == 2
    assert not list(tmp_path.iterdir())


def test_elsewhere_a_folder_of_katas_must_be_there(tmp_path):
    """One line that names it, and no completion of what is in it."""
    missing = tmp_path / "katas"
    refused = CliRunner().invoke(cli, ["--katas", str(missing), "list"], prog_name="kata")
    assert refused.exit_code == 2
    assert refused.output.startswith(f"kata: {missing} is not a folder of katas.")
    words = {"_KATA_COMPLETE": "bash_complete", "COMP_WORDS": "kata show ", "COMP_CWORD": "2"}
    completed = CliRunner().invoke(cli, [], env={**words, "KATA_KATAS": str(missing)}, prog_name="kata")
    assert completed.exception is None or isinstance(completed.exception, SystemExit)
