"""`kata run`: the learner's file as a script in the simulated world."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec.structs import replace

from grader.cli.errors import exits, say_aside
from grader.cli.judging import find_target, with_suite
from grader.cli.session import Session, kata_argument, pass_session
from grader.report.look import Look, clean
from grader.report.terminal import excerpt
from grader.trace.axis import format_ns

if TYPE_CHECKING:
    from grader.cli.scripts import Line
    from grader.judge import ScriptRun


@click.command("run")
@kata_argument()
@click.option("--file", type=click.Path(path_type=Path), help="Run this file in that kata's world.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of what the world draws by chance.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), help="Virtual seconds per real one.")
@pass_session
@exits
def command(session: Session, name: str | None, file: Path | None, seed: int, speed: float | None) -> int:
    """Run your file as a script in the kata's simulated world.

    Each printed line has its virtual time. The script runs as fast as it can; --speed 1 plays it in real
    time. At `breakpoint()` pdb starts, and virtual time stands still. Exit code: 1 if the script fails.

    \b
    Examples:
      kata run 4
      kata run 4 --speed 1
      kata run 4 --file katas/04_gather_readings/stub.py
    """
    from grader.cli.scripts import has_breakpoint, run_lines

    found = find_target(session, name, file)
    target = replace(found, kata=with_suite(found.kata, None))
    submission, look = target.submission(), session.out
    debugged = has_breakpoint(submission)
    if debugged:
        say_aside("breakpoint() found: your file runs in a debugger and without the sandbox")

    def tell(line: Line) -> None:
        click.echo(told(line, look))

    run = run_lines(target, submission, tell, seed=seed, speed=speed, debugged=debugged)
    if run.failure is None and not run.elapsed_virtual_ns and not debugged:
        click.echo('\nIt took no time: is anything called under `if __name__ == "__main__":`?')
    else:
        click.echo(ending(run, submission.source.decode("utf-8", "replace"), look))
    return 1 if run.failure else 0


def told(line: Line, look: Look) -> str:
    """A printed line behind its virtual time; stderr has a mark of its own."""
    mark = "!" if line.stream == "stderr" else look.glyphs("│")
    return f"{look.paint(f'{format_ns(line.at_ns):>10}', 'faint')} {mark} {line.text}"


def ending(run: ScriptRun, source: str, look: Look) -> str:
    """How it ended: how long it took beside what is possible, or what went wrong and where."""
    took = f"{format_ns(run.elapsed_virtual_ns)}; {format_ns(run.best_virtual_ns)} is possible."
    if run.failure is None:
        return f"\nIt took {took}"
    parts = ["", look.paint("It failed:", "bad"), look.wrap(clean(run.failure), "  ")]
    if run.line is not None:
        parts.append(excerpt(source, run.line, look))
    return "\n".join(parts)
