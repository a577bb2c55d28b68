"""`kata race`: the blocking stub and the learner's version side by side.

Both run in the same simulated world first, as fast as they can; then what they printed is played back
against one clock, so that neither can slow the other down.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from grader.cli.errors import exits
from grader.cli.judging import Target, find_target, with_suite
from grader.cli.session import Session, kata_argument, pass_session
from grader.errors import BadInput
from grader.records import Exchange, Record
from grader.report.look import Look, can_redraw, fit
from grader.trace.axis import column, format_ns

if TYPE_CHECKING:
    from grader.cli.scripts import Line

_LENGTH_S = 8.0
"""How long the race takes to watch, unless a speed is given."""
_FRAMES_PER_S = 20
_LINES = 6
_GAP = "   "


class Runner(Record, frozen=True):
    """One side of the race: what it printed, what it asked, when it was done."""

    name: str
    lines: tuple[Line, ...]
    exchanges: tuple[Exchange, ...]
    elapsed_ns: int


@click.command("race")
@kata_argument()
@click.option("--file", type=click.Path(path_type=Path), help="Race this file instead of yours.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), help="Virtual seconds per real one.")
@pass_session
@exits
def command(session: Session, name: str | None, file: Path | None, speed: float | None) -> None:
    """Run the blocking stub and your version side by side.

    Both run in the same world and on one virtual clock.

    \b
    Examples:
      kata race 4
      kata race 4 --speed 1    in real time
    """
    found = find_target(session, name, file)
    kata = with_suite(found.kata, None)
    stub = Target(kata=kata, file=kata.folder / "stub.py")
    runners = (_run("the stub", stub), _run("yours", replace(found, kata=kata)))
    if can_redraw(sys.stdout):
        play(runners, session.out, speed, time.monotonic, time.sleep)
    else:
        click.echo("\n".join(frame(runners, _end(runners), session.out)))
    click.echo("\n" + _result(*runners))


def _run(name: str, target: Target) -> Runner:
    from grader.cli.scripts import run_lines

    lines: list[Line] = []
    run = run_lines(target, target.submission(), lines.append)
    if run.failure is not None:
        advice = f"`kata run {target.kata.number}{target.option}` shows where."
        raise BadInput(f"{name} failed: {run.failure}", advice=advice)
    elapsed_ns = run.elapsed_virtual_ns
    return Runner(name=name, lines=tuple(lines), exchanges=run.history.exchanges, elapsed_ns=elapsed_ns)


def _end(runners: tuple[Runner, ...]) -> int:
    return max(runner.elapsed_ns for runner in runners)


def _result(stub: Runner, yours: Runner) -> str:
    took = f"The stub took {format_ns(stub.elapsed_ns)}, yours {format_ns(yours.elapsed_ns)}"
    if 0 < yours.elapsed_ns < stub.elapsed_ns:
        return f"{took}: {stub.elapsed_ns / yours.elapsed_ns:.3g} times as fast."
    return f"{took}."


# -- playing ---------------------------------------------------------------------------------------
def play(
    runners: tuple[Runner, ...],
    look: Look,
    speed: float | None,
    now_s: Callable[[], float],
    sleep: Callable[[float], None],
) -> None:
    """Draw the race in place until the slower one is done; the clock is the caller's."""
    end_ns = _end(runners)
    virtual_per_real = speed or max(end_ns / 1e9 / _LENGTH_S, 1e-9)
    began_s, drawn = now_s(), 0
    while True:
        at_ns = min(end_ns, int((now_s() - began_s) * virtual_per_real * 1e9))
        rows = frame(runners, at_ns, look)
        above = f"\x1b[{drawn}A" if drawn else ""
        click.echo(above + "".join(f"{row}\x1b[K\n" for row in rows), nl=False, color=True)
        drawn = len(rows)
        if at_ns >= end_ns:
            return
        sleep(1 / _FRAMES_PER_S)


def frame(runners: tuple[Runner, ...], at_ns: int, look: Look) -> list[str]:
    """Both sides as they stand at that instant; every row as wide as the terminal at most."""
    width = max(10, (min(look.width, 120) - len(_GAP)) // len(runners))
    sides = [_side(runner, at_ns, _end(runners), width, look) for runner in runners]
    return [_GAP.join(row).rstrip() for row in zip(*sides, strict=True)]


def _side(runner: Runner, at_ns: int, end_ns: int, width: int, look: Look) -> list[str]:
    reached_ns = min(at_ns, runner.elapsed_ns)
    done = column(reached_ns, end_ns, width)
    bar = look.paint(look.glyphs("█" * done), "good") + look.glyphs("░" * (width - done))
    open_now = sum(one.start_ns <= at_ns < _ended(one, runner) for one in runner.exchanges)
    answered = sum(_ended(one, runner) <= at_ns for one in runner.exchanges)
    state = "done" if at_ns >= runner.elapsed_ns else f"{open_now} in flight, {answered} answered"
    lines = [line.text for line in runner.lines if line.at_ns <= at_ns][-_LINES:]
    lines += [""] * (_LINES - len(lines))
    head = look.paint(look.glyphs(fit(f"{runner.name}  {_clock(reached_ns)}  {state}", width)), "bold")
    return [head, bar, *(look.glyphs(fit(line, width)) for line in lines)]


def _ended(exchange: Exchange, runner: Runner) -> int:
    return runner.elapsed_ns if exchange.end_ns is None else exchange.end_ns


def _clock(at_ns: int) -> str:
    """The running clock, in steps that an eye can follow."""
    return f"{at_ns / 1e9:.1f} s"
