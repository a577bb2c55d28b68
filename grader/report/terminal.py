"""A judgement in words, for the learner whose code it is about: what held, what did not, where and why."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from grader.records import CheckResult, Judgement, Verdict
from grader.report.lanes import MOST_LANES, draw_both
from grader.report.look import Look, cells, clean, clean_line
from grader.trace.axis import format_ns

WORDS = {
    Verdict.ACCEPTED: "accepted",
    Verdict.WRONG_ANSWER: "wrong answer",
    Verdict.NOT_CONCURRENT: "not concurrent",
    Verdict.BLOCKED_LOOP: "blocked the loop",
    Verdict.LEAKED: "left something behind",
    Verdict.RUNTIME_ERROR: "raised an exception",
    Verdict.DEADLOCK: "deadlock",
    Verdict.BUSY_LOOP: "busy loop",
    Verdict.TIME_LIMIT: "over the time limit",
    Verdict.MEMORY_LIMIT: "over the memory limit",
    Verdict.OUTPUT_LIMIT: "over the output limit",
    Verdict.SANDBOX_VIOLATION: "stepped out of the sandbox",
    Verdict.STALLED: "could not be judged",
    Verdict.NOT_LOADABLE: "could not be loaded",
    Verdict.UNTOUCHED: "untouched",
    Verdict.JUDGE_ERROR: "an error of ours, not yours",
}
_CONTEXT_LINES = 2
_MOST_OUTPUT_LINES = 20


def render(judgement: Judgement, source: str, look: Look) -> str:
    """The whole judgement: its checks, an explanation of each that was rejected, and the sum."""
    parts = [heading(judgement.number, judgement.title, look)]
    parts += [check_line(check, look) for check in judgement.checks]
    if explained := explanations(judgement, source, look):
        parts.append(explained)
    return "\n".join([*parts, "", summary(judgement, look)])


def heading(number: int, title: str, look: Look) -> str:
    """The line above the checks."""
    return look.paint(f"Kata {number}: {title}", "bold")


def check_line(check: CheckResult, look: Look) -> str:
    """One check: whether it held, its title, and how long it took or what was wrong."""
    if check.passed:
        took = f"  {format_ns(check.elapsed_virtual_ns)}" if check.elapsed_virtual_ns else ""
        mark, ending = look.paint(look.glyphs("✓"), "good"), look.paint(took, "faint")
    else:
        took = f": {WORDS[check.verdict]}"
        mark, ending = _cross(look), ": " + look.paint(WORDS[check.verdict], "bad")
    title = clean_line(check.title)
    if cells(title + took) + 4 > look.width:
        title = "\n    ".join(textwrap.wrap(title, max(20, look.width - 4 - cells(took))))
    return f"  {mark} {title}{ending}"


def _cross(look: Look) -> str:
    return look.paint(look.glyphs("✗"), "bad")


def explanations(judgement: Judgement, source: str, look: Look) -> str:
    """What was wrong, said once: checks that were rejected for the same reason stand together."""
    said: set[object] = set()
    drawn = _most_telling(judgement.checks)
    parts: list[str] = []
    for checks in _alike(judgement.checks):
        parts.append("")
        parts += [f"{_cross(look)} {look.paint(clean_line(check.title), 'bold')}" for check in checks]
        parts += _explained(checks[0], source, look, said)
        if drawn in checks and drawn is not None and drawn.timeline and drawn.timeline.makespan_ns:
            parts += ["", draw_both(look, drawn.timeline, drawn.best)]
    return "\n".join(parts)


def _alike(checks: Iterable[CheckResult]) -> list[list[CheckResult]]:
    """The rejected checks, those of one reason together, in order of their first."""
    groups: dict[object, list[CheckResult]] = {}
    for check in checks:
        if not check.passed:
            reason = (check.rationale or check.id, check.line, check.misconception, check.output)
            groups.setdefault(reason, []).append(check)
    return list(groups.values())


def _most_telling(checks: Iterable[CheckResult]) -> CheckResult | None:
    """The one check whose timeline is drawn: the first that has one to compare with, else the first."""
    with_timeline = [check for check in checks if not check.passed and check.timeline]
    compared = [check for check in with_timeline if check.best]
    return next(iter(compared or with_timeline), None)


def telling_passed(checks: Iterable[CheckResult]) -> CheckResult | None:
    """Of checks that passed and were drawn, the one to look at: the most lanes that still fit."""
    drawn = {check.id: check for check in checks if check.passed and check.timeline}
    lanes = {name: _lane_count(check) for name, check in drawn.items()}
    fitting = [name for name in drawn if lanes[name] <= MOST_LANES]
    if fitting:
        return drawn[max(fitting, key=lambda name: lanes[name])]
    return drawn[min(drawn, key=lambda name: lanes[name])] if drawn else None


def _lane_count(check: CheckResult) -> int:
    return len({span.lane for span in check.timeline.spans}) if check.timeline else 0


def _explained(check: CheckResult, source: str, look: Look, said: set[object]) -> Iterable[str]:
    if check.rationale:
        yield look.wrap(clean(check.rationale), "  ")
    if check.seed is not None:
        yield look.paint(f"  Seen under seed {check.seed}.", "faint")
    if check.line is not None and (shown := excerpt(source, check.line, look)):
        yield f"  Line {check.line}, shown above." if check.line in said else "\n" + shown
        said.add(check.line)
    if check.misconception and check.misconception not in said:
        said.add(check.misconception)
        yield from _misconception(check.misconception, look)
    if check.output and check.output not in said:
        said.add(check.output)
        yield "\n  It printed:\n" + _output(check.output, look)


def _misconception(name: str, look: Look) -> Iterable[str]:
    from grader.diagnosis import misconception_named  # long to import, and not needed for most

    known = misconception_named(name)
    if known is None:
        return
    yield "\n" + look.wrap(f"Misconception: {known.title}. {known.why}", "  ")
    pointer = f"In the documentation of asyncio: {known.section}."
    yield look.paint(look.wrap(pointer, "  "), "faint")


def excerpt(source: str, line: int, look: Look) -> str:
    """The line with its neighbours, numbered and marked; empty where the source has no such line."""
    lines = source.splitlines()
    if not 1 <= line <= len(lines):
        return ""
    shown = range(max(1, line - _CONTEXT_LINES), min(len(lines), line + _CONTEXT_LINES) + 1)
    bar = look.glyphs("│")
    rows = []
    for number in shown:
        text = f"{number:>5} {bar} {clean(lines[number - 1])}".rstrip()
        rows.append(look.paint(f"  >{text}", "bold") if number == line else f"   {text}")
    return "\n".join(rows)


def _output(output: str, look: Look) -> str:
    lines = clean(output).splitlines()
    shown = [f"    {look.glyphs('│')} {line}".rstrip() for line in lines[:_MOST_OUTPUT_LINES]]
    if left_out := len(lines) - len(shown):
        shown.append(look.glyphs(f"    … {left_out} more lines"))
    return "\n".join(shown)


def summary(judgement: Judgement, look: Look) -> str:
    """The last line: the verdict of the whole in words, and the points."""
    points = f"{judgement.points:g} of {judgement.max_points:g} points"
    if judgement.accepted:
        return f"{look.paint(look.glyphs('✓ Accepted'), 'good')}: {points}."
    words = WORDS[judgement.verdict]
    if judgement.verdict in (Verdict.JUDGE_ERROR, Verdict.STALLED):
        return f"{look.paint('? Not judged', 'warn')}: {words}, seed {judgement.seed}."
    stage = f", stage {judgement.stage} of {judgement.stages}" if judgement.stages > 1 else ""
    refused = look.paint(look.glyphs("✗ Not accepted"), "bad")
    return f"{refused}: {words}, {points}{stage}, seed {judgement.seed}."
