"""What a learner types on the first day: init, list, show, hint, reset, solution, progress, open."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from .conftest import SOLVED, STUB


def test_init_makes_a_workspace_that_list_and_show_know(kata, workspace):
    """After `kata init` each kata has a folder with its statement and the stub to edit."""
    made = kata("init")
    assert made.exit_code == 0
    assert "3 katas" in made.output
    assert (workspace / "04_gather_readings" / "gather_readings.py").read_text() == STUB
    assert "overlap" in (workspace / "04_gather_readings" / "README.md").read_text()
    assert "Gather readings" in (workspace / "README.md").read_text()
    (task,) = json.loads((workspace / ".vscode" / "tasks.json").read_text())["tasks"]
    assert (task["type"], task["command"], task["args"]) == ("process", "kata", ["check", "${file}"])
    assert (workspace / ".kata" / "progress.json").exists()


def test_init_never_overwrites_and_says_what_it_kept(kata, ready):
    """A second init puts back what is missing and leaves the learner's work alone."""
    mine = ready / "04_gather_readings" / "gather_readings.py"
    mine.write_text(SOLVED)
    (ready / "07_task_group" / "task_group.py").unlink()
    again = kata("init")
    assert mine.read_text() == SOLVED
    assert f"kept     {Path('04_gather_readings/gather_readings.py')}" in again.output
    assert f"created  {Path('07_task_group/task_group.py')}" in again.output


def test_init_refuses_the_katas_own_sources(kata, katas):
    """Nobody wants learners' files among the katas themselves."""
    refused = kata("init", str(katas))
    assert refused.exit_code == 2
    assert "Name another folder" in refused.stderr


def test_init_into_a_file_is_one_line_on_stderr(kata, workspace):
    """A folder that cannot be made is bad input, not a traceback."""
    (workspace / "taken").write_text("")
    refused = kata("init", "taken")
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize("width", [40, 60, 80])
def test_lists_and_progress_keep_within_the_terminal(kata, ready, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    for name in ("list", "progress"):
        told = kata(name).output.splitlines()
        assert max(map(len, told)) <= width, name
        assert sum(line.startswith("Unit") for line in told) == 2, name


def test_list_shows_units_and_states(kata, ready):
    """Every kata stands under its unit with its state in words, not in colour alone."""
    (ready / "04_gather_readings" / "gather_readings.py").write_text(SOLVED)
    kata("check", "4")
    kata("check", "1")
    lines = kata("list").output.splitlines()
    assert lines[0] == "Unit 1: coroutines and the event loop"
    assert any("first_coroutine" in line and line.endswith("tried") for line in lines)
    assert any("gather_readings" in line and line.endswith("accepted") for line in lines)
    assert any("task_group" in line and line.endswith("untouched") for line in lines)


def test_list_filters(kata, ready):
    """Unit, state and concept each narrow the list; nothing left is said."""
    assert "task_group" not in kata("list", "--unit", "1").output
    assert "gather_readings" not in kata("list", "--unit", "2").output
    assert [row["slug"] for row in json.loads(kata("list", "--concept", "GATHER", "--json").output)] == [
        "gather_readings"
    ]
    assert kata("list", "--state", "accepted").output == "No kata matches these filters.\n"


def test_list_works_without_a_workspace(kata, workspace):
    """One may look before one begins; the way to begin is told."""
    listed = kata("list")
    assert listed.exit_code == 0
    assert "kata init" in listed.output


def test_show_gives_the_statement_and_the_computed_figures(kata, ready):
    """The statement is followed by what there is to win, from the judge, and where the file is."""
    shown = kata("show", "4").output
    assert "# Gather readings" in shown
    assert "10 s today, 1 s possible." in shown
    assert str(Path("04_gather_readings", "gather_readings.py")) in shown


def test_show_without_a_name_shows_the_next_kata(kata, ready):
    """The next one is the first that is not accepted."""
    (ready / "01_first_coroutine" / "first_coroutine.py").write_text(SOLVED)
    kata("check")
    assert "# Gather readings" in kata("show").output


def test_hints_come_one_at_a_time_and_stop_at_the_third(kata, ready):
    """Each call shows one more; the third stays the last; an earlier one can be seen again."""
    assert "One." in kata("hint", "4").output
    assert "Two." in kata("hint", "4").output
    assert "Three." in kata("hint", "4").output
    assert "hint 3 of 3" in kata("hint", "4").output
    assert "One." in kata("hint", "4", "--step", "1").output
    assert "Three." in kata("hint", "4").output


def test_the_last_hint_names_solutions_where_there_are_some(kata, ready, katas):
    """An installed grader has none."""
    assert "kata solution" not in kata("hint", "4", "--step", "3").output
    folder = katas.parent / "solutions" / "04_gather_readings" / "accepted"
    folder.mkdir(parents=True)
    (folder / "with_gather.py").write_text(SOLVED)
    assert "`kata solution 4 --spoil`" in kata("hint", "4", "--step", "3").output


def test_hints_without_a_workspace_are_told_by_step(kata, workspace):
    """Nothing remembers which was shown, so the next one is named."""
    assert "`kata hint 4 --step 2`" in kata("hint", "4").output


def test_reset_keeps_the_old_file_under_a_free_name(kata, ready):
    """Twice reset, twice kept: nothing that a learner wrote is lost."""
    mine = ready / "04_gather_readings" / "gather_readings.py"
    for number, text in enumerate(("first try", "second try"), start=1):
        mine.write_text(text)
        assert f"gather_readings.py.{number}" in kata("reset", "4").output
        assert mine.read_text() == STUB
        assert mine.with_name(f"gather_readings.py.{number}").read_text() == text


@pytest.mark.parametrize("what", ["set_aside", "write_new"])
def test_a_workspace_that_cannot_be_written_to_is_not_reset(kata, ready, monkeypatch, what):
    """One line, and the learner's file is as it was."""

    def refuse(path: Path, *given: object) -> None:
        raise OSError(30, "Read-only file system", str(path))

    mine = ready / "04_gather_readings" / "gather_readings.py"
    mine.write_text("my try")
    monkeypatch.setattr(f"grader.workspace.{what}", refuse)
    refused = kata("reset", "4")
    assert refused.exit_code == 2
    why = f"Cannot write {mine}: Read-only file system. Check the path and its permissions."
    assert refused.stderr == f"kata: {why}\n"
    assert mine.read_text() == "my try"


def test_solutions_are_for_those_who_solved_it(kata, ready, katas):
    """Before acceptance they cost a --spoil; a path without solutions says where they are."""
    folder = katas.parent / "solutions" / "04_gather_readings" / "accepted"
    folder.mkdir(parents=True)
    (folder / "with_gather.py").write_text(SOLVED)
    refused = kata("solution", "4")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--spoil" in refused.stderr
    assert "asyncio.gather" in kata("solution", "4", "--spoil").output
    (ready / "04_gather_readings" / "gather_readings.py").write_text(SOLVED)
    kata("check", "4")
    told = kata("solution", "4").output
    assert told.index("# -- with_gather") < told.index("yours · 1 s") < told.index("  with_gather · 1 s")
    absent = kata("solution", "1", "--spoil")
    assert absent.exit_code == 2
    assert "solutions/01_first_coroutine/accepted" in absent.stderr


def test_progress_counts_streaks_in_days(kata, ready, clock):
    """Days in a row count; a day left out starts anew; today is not over."""
    for _ in range(3):
        kata("check", "4")
        clock.now += timedelta(days=1)
    assert "Streak: 3 days in a row." in kata("progress").output
    clock.now += timedelta(days=1)
    assert "Streak" not in kata("progress").output
    told = json.loads(kata("progress", "--json").output)
    assert told["attempts"] == 3
    assert told["streak_days"] == 0
    assert told["next"] == "first_coroutine"
    assert told["katas"]["gather_readings"] == "tried"


def test_a_damaged_progress_file_is_kept_aside_and_said(kata, ready):
    """Damage costs neither a traceback nor the file: it is renamed and progress starts anew."""
    progress = ready / ".kata" / "progress.json"
    progress.write_bytes(b"\x00{not json")
    listed = kata("list")
    assert listed.exit_code == 0
    assert "damaged" in listed.stderr
    assert progress.with_name("progress.json.1").read_bytes() == b"\x00{not json"


def test_progress_of_a_newer_version_is_left_alone(kata, ready):
    """An older grader must not drop what it does not understand."""
    progress = ready / ".kata" / "progress.json"
    progress.write_text('{"version": 99, "katas": 5}')
    refused = kata("progress")
    assert refused.exit_code == 2
    assert "newer" in refused.stderr
    assert progress.read_text() == '{"version": 99, "katas": 5}'


def test_commands_that_need_a_workspace_say_how_to_get_one(kata, workspace):
    """One line, exit code 2, and the command to run."""
    for arguments in (["check"], ["progress"], ["reset", "4"], ["open", "4"], ["check", "4"]):
        refused = kata(*arguments)
        assert refused.exit_code == 2, arguments
        assert "`kata init`" in refused.stderr
        assert refused.stderr.count("\n") == 1


def test_open_starts_the_editor_that_is_set(kata, ready, monkeypatch):
    """$VISUAL wins, with its arguments; its failure is told with the file's place."""
    monkeypatch.setenv("EDITOR", "does-not-exist-anywhere")
    assert "does-not-exist-anywhere" in kata("open", "4").stderr
    monkeypatch.setenv("VISUAL", f'"{sys.executable}" -c "import sys; sys.exit(5)"')
    failed = kata("open", "4")
    assert failed.exit_code == 2
    assert "ended with 5" in failed.stderr
    monkeypatch.setenv("VISUAL", f'"{sys.executable}" -c "import sys; sys.exit(not sys.argv[1])"')
    assert kata("open", "4").exit_code == 0


def test_open_without_any_editor_names_the_file(kata, ready, monkeypatch):
    """Nothing to start is bad input with a way out."""
    monkeypatch.setenv("PATH", "")
    refused = kata("open", "4")
    assert refused.exit_code == 2
    assert "gather_readings.py" in refused.stderr
