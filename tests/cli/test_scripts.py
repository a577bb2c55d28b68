"""`kata run` and `kata race`: the learner's script in the simulated world, alone and against the stub."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from grader.cli.race import Runner, frame, play
from grader.cli.scripts import Line, Lines, has_breakpoint
from grader.judge.world import deadlock
from grader.records import Exchange, Submission, TaskState
from grader.report.look import Look, cells

from .conftest import SECOND, SOLVED


@pytest.fixture
def mine(ready: Path) -> Path:
    return ready / "04_gather_readings" / "gather_readings.py"


def test_prints_carry_their_virtual_times(kata, mine):
    """Each line behind the instant at which it began; stderr marked; no escapes; the sum at the end."""
    told = kata("run", "4")
    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "       1 s │ oslo: warm",
        "       2 s │ quito: warm",
        "       2 s ! that was all",
        "",
        "It took 2 s; 1 s is possible.",
    ]


def test_a_script_that_fails_is_told_with_its_line(kata, mine):
    """Exit code 1, the words and the line."""
    mine.write_text("oops\n")
    told = kata("run", "4")
    assert told.exit_code == 1
    assert "ValueError: oops" in told.output
    assert "  >    1 │ oops" in told.output


def test_a_script_that_does_nothing_is_asked_for_its_main(kata, mine):
    """And is not told how fast it might have been."""
    mine.write_text("instant\n")
    told = kata("run", "4")
    assert told.exit_code == 0
    assert told.output == '\nIt took no time: is anything called under `if __name__ == "__main__":`?\n'


def test_a_deadlock_of_many_names_ten_and_counts_the_rest():
    waiting = [
        TaskState(task=f"Task-{number}", line=3, function="f", waiting_on="await it") for number in range(40)
    ]
    told = str(deadlock(tuple(waiting))).splitlines()
    assert told[-2:] == ["  - Task-9 waits at line 3: await it", "  - and 30 more"]
    assert str(deadlock(tuple(waiting[:10]))).splitlines() == told[:-1]


def test_the_line_of_a_deadlock_is_where_nobody_can_go_on():
    """And not the `gather` that waits for them."""
    gather = TaskState(task="read_all", line=17, function="read_all", waiting_on="await asyncio.gather()")
    reads = [
        TaskState(task=f"read #{number}", line=10, function="read", waiting_on="", parent="read_all")
        for number in range(2)
    ]
    assert deadlock((gather, *reads)).line == 10
    assert deadlock((gather,)).line == 17
    assert deadlock(()).line is None


def test_speed_and_seed_reach_the_world(kata, mine, monkeypatch):
    from .conftest import run_script

    seen = []

    def watched(kata, submission, **wishes):
        seen.append((wishes["seed"], wishes["speed"]))
        return run_script(kata, submission, **wishes)

    monkeypatch.setattr("grader.judge.run_script", watched)
    kata("run", "4", "--speed", "2", "--seed", "9")
    assert seen == [(9, 2.0)]
    assert kata("run", "4", "--speed", "0").exit_code == 2


@pytest.mark.parametrize(
    ("source", "stops"),
    [
        (b"breakpoint()", True),
        (b"async def main():\n    import pdb; pdb.set_trace()", True),
        (b"x = 'breakpoint()'  # breakpoint()", False),
        (b"def (:", False),
        (b"x = 1\0", False),
    ],
)
def test_a_file_that_calls_for_a_debugger_is_known(source, stops):
    assert has_breakpoint(Submission(source=source, filename="x.py")) is stops


def test_lines_are_made_whole_per_stream():
    """Pieces of two streams do not mix; what was begun and not ended is a line too."""
    told: list[Line] = []
    lines = Lines(told.append)
    printed = ("a", "stdout"), ("x\ny", "stderr"), ("b\n\nc", "stdout"), ("z", "stderr")
    for at_ns, (text, stream) in enumerate(printed, start=1):
        lines.add(at_ns, stream, text)
    lines.end()
    lines.end()
    assert [(line.at_ns, line.stream, line.text) for line in told] == [
        (2, "stderr", "x"),
        (1, "stdout", "ab"),
        (3, "stdout", ""),
        (2, "stderr", "yz"),
        (3, "stdout", "c"),
    ]


def test_a_race_ends_with_both_times(kata, mine):
    """Without a terminal there is no animation: the end of it, and the sum."""
    mine.write_text(SOLVED)
    told = kata("race", "4")
    assert told.exit_code == 0
    assert "the stub  2.0 s  done" in told.output
    assert "yours  1.0 s  done" in told.output
    assert "The stub took 2 s, yours 1 s: 2 times as fast." in told.output


def test_a_race_with_a_broken_script_does_not_start(kata, mine):
    mine.write_text("oops\n")
    refused = kata("race", "4")
    assert refused.exit_code == 2
    assert "yours failed: ValueError: oops" in refused.stderr
    assert "`kata run 4` shows where." in refused.stderr
    assert f"`kata run 4 --file {mine}` shows" in kata("race", "4", "--file", str(mine)).stderr


def runner(name: str, elapsed_s: int) -> Runner:
    return Runner(
        name=name,
        lines=tuple(Line(at_ns=at * SECOND, stream="stdout", text=f"line {at}") for at in range(elapsed_s)),
        exchanges=(Exchange(host="h", label="l", start_ns=0, end_ns=None),),
        elapsed_ns=elapsed_s * SECOND,
    )


def test_a_frame_shows_only_what_has_happened():
    """At 2 of 4 seconds: half a bar, one request in flight, the lines so far."""
    rows = frame((runner("slow", 4), runner("fast", 1)), 2 * SECOND, Look(width=83))
    assert "slow  2.0 s  1 in flight, 0 answered" in rows[0]
    assert "fast  1.0 s  done" in rows[0]
    assert rows[1].split()[0].count("█") == 20
    assert "line 2" in rows[4]
    assert not any("line 3" in row for row in rows)


@pytest.mark.parametrize("width", [10, 40, 80, 300])
def test_frames_stay_within_the_terminal(width):
    rows = frame((runner("slow" * 20, 4), runner("fast", 1)), SECOND, Look(width=width))
    assert all(cells(row) <= max(width, 43) for row in rows)


def test_frames_keep_to_plain_signs_where_there_are_no_others():
    long = Line(at_ns=0, stream="stdout", text="a line that is longer than its half of the screen" * 2)
    racer = msgspec.structs.replace(runner("slow" * 20, 4), lines=(long,))
    rows = frame((racer, racer), 2 * SECOND, Look(width=60, unicode=False))
    assert all(row.isascii() for row in rows)
    assert rows[0].count("~") == rows[2].count("~") == 2


def test_the_race_is_played_on_the_clock_it_is_given(capsys):
    """At speed 2, four virtual seconds are watched for two; each frame is drawn over the last."""
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    play((runner("slow", 4), runner("fast", 1)), Look(width=80), 2.0, lambda: now, sleep)
    assert now == pytest.approx(2.0, abs=0.06)
    told = capsys.readouterr().out
    assert told.count("slow") == pytest.approx(41, abs=1)
    assert told.count("\x1b[8A") == told.count("slow") - 1
