"""`kata watch`, `timeline` and `doctor`: judged at every save, drawn again, looked over."""

from __future__ import annotations

import importlib.metadata
import json
import os
from pathlib import Path

import pytest

from grader.cli.judging import find_target
from grader.cli.session import Session
from grader.cli.watch import Watch

from .conftest import SOLVED, STUB


class Typist:
    """Keys pressed one at a time, each with something done to the files before it; then quits."""

    def __init__(self, *script) -> None:
        self._script = list(script)

    def __call__(self, timeout_s: float) -> str:
        if not self._script:
            return "q"
        step = self._script.pop(0)
        if callable(step):
            step()
            return ""
        return step


@pytest.fixture
def session(katas, ready, clock) -> Session:
    return Session(katas, now=clock)


@pytest.fixture
def watch(session, judge):
    """Watches kata 4 while a script of keys and saves is played."""

    def play(*script) -> None:
        from .conftest import FakeJudge, Options

        Watch(session, FakeJudge(Options()), find_target(session, "4")).until_quit(Typist(*script))

    return play


@pytest.fixture
def mine(ready: Path) -> Path:
    return ready / "04_gather_readings" / "gather_readings.py"


def save(file: Path, text: str):
    """A save at a new instant, however coarse the file system's clock."""

    def do() -> None:
        file.write_text(text)
        os.utime(file, ns=(0, file.stat().st_mtime_ns + 1_000_000))

    return do


def test_every_save_is_judged_once(watch, mine, judge, capsys):
    """At the start, after each save, and not in between."""
    watch("", "", "", save(mine, "first"), "", "", save(mine, SOLVED), "", "", "")
    assert [seen[2].source.decode() for seen in judge.seen] == [STUB, "first", SOLVED]
    assert "Accepted: 3 of 3 points." in capsys.readouterr().out


def test_a_file_that_is_still_being_written_is_waited_for(watch, mine, judge):
    """Two looks must see the same before it is judged."""
    watch("", "", save(mine, "a"), save(mine, "ab"), save(mine, "abc"), "", "")
    assert [seen[2].source.decode() for seen in judge.seen] == [STUB, "abc"]


def test_a_file_that_vanishes_is_waited_for(watch, mine, judge):
    """Editors replace files; a gap is no reason to stop."""
    watch("", "", mine.unlink, "", "", save(mine, "back"), "", "")
    assert [seen[2].source.decode() for seen in judge.seen] == [STUB, "back"]


def test_keys_lead_on(watch, mine, judge, capsys):
    """Hint, timeline, list, reset and next do what the commands do; unknown keys do nothing."""
    watch("", "", "h", "t", "l", "?", "x", "", "", "n", "", "")
    told = capsys.readouterr().out
    for said in ("hint 1 of 3", "best possible", "Unit 2", "is the stub again", "Now watching"):
        assert said in told
    assert mine.with_name("gather_readings.py.1").exists()
    assert [seen[1].number for seen in judge.seen] == [4, 4, 7]


def test_next_comes_round_to_what_was_left_out(watch, ready, judge, capsys):
    """After the last kata the first open one; when none is open, that is said."""
    watch("n", "n", "", "")
    assert judge.seen[-1][1].number == 1
    for file in ready.glob("*/*.py"):
        file.write_text(SOLVED)
    watch("", "", "n", "", "", "n", "", "", "n", "")
    assert "Every kata is accepted." in capsys.readouterr().out


def test_a_command_that_fails_does_not_end_the_watch(watch, ready, judge, capsys):
    """A broken progress file is said, and the next save is judged all the same."""
    (ready / ".kata" / "progress.json").write_text('{"version": 99}')
    watch("h", "", "", "l", "")
    assert capsys.readouterr().err.count("newer") >= 2


def test_the_last_run_is_drawn_from_what_was_kept(kata, mine, judge):
    """No new judgement: what was judged is what is drawn, even if the file has changed since."""
    kata("check", "4")
    mine.write_text(SOLVED)
    told = kata("timeline", "4")
    assert told.exit_code == 0
    assert told.output.index("yours") < told.output.index("best possible")
    assert len(judge.seen) == 1


def test_what_took_no_time_is_not_drawn(kata, mine):
    """Said once, in place of an empty picture."""
    mine.write_text("instant")
    kata("check", "4")
    told = kata("timeline", "4").output
    assert "yours" in told
    assert "yours ·" not in told
    assert told.endswith("\nWhere yours took no time there is nothing to draw.\n")


def test_without_a_run_there_is_nothing_to_draw(kata, ready):
    refused = kata("timeline", "4")
    assert refused.exit_code == 2
    assert "`kata check 4`" in refused.stderr


def test_a_damaged_last_run_is_none(kata, mine, ready):
    """One more check mends it."""
    kata("check", "4")
    (ready / ".kata" / "last" / "04_gather_readings.json").write_bytes(b"{")
    assert kata("timeline", "4").exit_code == 2


def test_doctor_says_what_is_there_and_what_to_do(kata, ready):
    """Python, packages, terminal, workspace, a trial judgement and the isolation that it reached."""
    told = kata("doctor")
    assert told.exit_code == 0
    for said in (
        "Python",
        "pytest-asyncio",
        "terminal",
        str(ready),
        "kata 1 judged in 12 ms",
        "partial: no Landlock",
    ):
        assert said in told.output
    assert "kata grade" in told.output


def test_doctor_leaves_with_1_if_nothing_can_be_judged(kata, ready, monkeypatch):
    """A missing package, and the command that mends it."""
    version = importlib.metadata.version

    def without_pytest(name: str) -> str:
        if name == "pytest":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", without_pytest)
    told = kata("doctor")
    assert told.exit_code == 1
    assert "✗ pytest " in told.output
    assert "`pip install pytest`" in told.output


def test_doctor_calls_a_broken_judge_by_its_name(kata, ready, katas):
    """A trial that ends in our own error is grave."""
    (katas / "01_first_coroutine" / "stub.py").write_text("oops")
    assert kata("doctor").exit_code == 1


def test_doctor_names_the_packages_that_katas_need(kata, ready, katas):
    toml = katas / "07_task_group" / "kata.toml"
    toml.write_text(toml.read_text() + 'requires = ["no_such_package_anywhere"]\n')
    told = kata("doctor")
    assert told.exit_code == 0
    assert "missing; kata 7 needs it" in told.output


def test_list_as_json_carries_states(kata, ready):
    kata("check", "1")
    states = {row["slug"]: row["state"] for row in json.loads(kata("list", "--json").output)}
    assert states == {"first_coroutine": "tried", "gather_readings": "untouched", "task_group": "untouched"}


def test_an_accepted_run_is_replayed_to_be_drawn(kata, mine):
    """What passed is not drawn as it is judged; the same seed shows it afterwards."""
    mine.write_text(SOLVED)
    kata("check", "4")
    told = kata("timeline", "4").output
    assert "yours · 1 s, peak 2 in flight" in told
    assert "best possible · 1 s" in told
