"""A timeline drawn with characters: one lane per task or request, time from left to right.

Each kind of span has its own glyph, so that the picture needs no colour. Where spans share a cell, the
one that explains most is drawn: blocked above request above running above waiting.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from grader.records import Record, Span, Timeline
from grader.report.look import Look, clean_line, fit
from grader.trace.axis import column, format_ns, ticks

_KINDS = {
    # kind: (glyph, glyph in ASCII, style, words); later ones are drawn over earlier ones
    "waiting": ("░", ".", "faint", "waiting"),
    "running": ("█", "#", "good", "running"),
    "request": ("━", "=", "accent", "a request under way"),
    "blocked": ("▚", "X", "bad", "blocked the loop"),
}
_ORDER = {kind: rank for rank, kind in enumerate(_KINDS)}
_NAME_WIDTH = 18
MOST_LANES = 12
"""As many as a reader takes in beside a rationale."""
_MARGIN = 4
_TICK_WIDTH = 10
"""Columns per tick, so that neighbouring labels stay apart."""


class Scale(Record, frozen=True):
    """Virtual nanoseconds to columns."""

    end_ns: int
    columns: int

    def column(self, at_ns: int) -> int:
        """The column of an instant, from 0 to `columns`."""
        return column(at_ns, self.end_ns, self.columns)


def scale_for(look: Look, timelines: Iterable[Timeline]) -> Scale:
    """One scale on which all these timelines fit."""
    columns = max(10, min(look.width, 120) - _MARGIN - _NAME_WIDTH - 8)
    return Scale(end_ns=max(map(_end, timelines), default=0), columns=columns)


def _end(timeline: Timeline) -> int:
    return max([timeline.makespan_ns, *(span.end_ns for span in timeline.spans)])


def draw(look: Look, title: str, timeline: Timeline, scale: Scale, max_lanes: int = MOST_LANES) -> str:
    """The timeline's heading, lanes and, where there are too many, how many were left out."""
    facts = format_ns(timeline.makespan_ns)
    if timeline.peak_in_flight:
        facts += f", peak {timeline.peak_in_flight} in flight"
    lines = [f"  {look.paint(title, 'bold')} {look.glyphs('·')} {facts}"]
    lanes = _lanes(timeline)
    shown = _most_telling(lanes, max_lanes)
    lines += [_lane(look, name, lanes[name], scale) for name in shown]
    if left_out := len(lanes) - len(shown):
        lines.append(" " * _MARGIN + look.glyphs(f"… {left_out} more"))
    return "\n".join(line.rstrip() for line in lines)


def _lanes(timeline: Timeline) -> dict[str, list[Span]]:
    """Spans by lane, lanes in order of first appearance."""
    lanes: dict[str, list[Span]] = {}
    for span in timeline.spans:
        lanes.setdefault(span.lane, []).append(span)
    return lanes


def _most_telling(lanes: dict[str, list[Span]], max_lanes: int) -> list[str]:
    """The lanes to show, in their order: all if they fit, else those that blocked the loop and the first."""
    if len(lanes) <= max_lanes + 1:
        return list(lanes)
    blocked = [name for name, spans in lanes.items() if any(span.kind == "blocked" for span in spans)]
    chosen = dict.fromkeys([*blocked[:max_lanes], *lanes])
    first = set(list(chosen)[:max_lanes])
    return [name for name in lanes if name in first]


def _lane(look: Look, name: str, spans: list[Span], scale: Scale) -> str:
    row = [""] * scale.columns
    for span in sorted(spans, key=lambda span: _ORDER.get(span.kind, -1)):
        first = min(scale.column(span.start_ns), scale.columns - 1)
        last = max(first + 1, scale.column(span.end_ns))
        if span.end_ns <= span.start_ns and row[first]:
            continue  # an instant must not hide the stretch that it ends or begins
        row[first:last] = [span.kind] * (last - first)
    label = fit(clean_line(name) or "?", _NAME_WIDTH)
    return " " * _MARGIN + look.glyphs(label) + " " + _paint_row(look, row) + _line_note(look, spans)


def _paint_row(look: Look, row: list[str]) -> str:
    return "".join(_stretch(look, kind, len(list(cells))) for kind, cells in groupby(row))


def _stretch(look: Look, kind: str, columns: int) -> str:
    if kind not in _KINDS:
        return (" " if not kind else "?") * columns
    glyph, plain, style, _ = _KINDS[kind]
    return look.paint((glyph if look.unicode else plain) * columns, style)


def _line_note(look: Look, spans: list[Span]) -> str:
    """The line on which this lane spent most of its time."""
    lines: dict[int, int] = {}
    for span in spans:
        if span.line is not None:
            lines[span.line] = lines.get(span.line, 0) + span.end_ns - span.start_ns
    if not lines:
        return ""
    return look.paint(f" :{max(lines, key=lambda line: (lines[line], -line))}", "faint")


def axis(look: Look, scale: Scale) -> str:
    """The time axis: ticks at round times, as many as have room."""
    rule, labels = [" "] * (scale.columns + 1), ""
    for at_ns in ticks(scale.end_ns, at_most=max(2, scale.columns // _TICK_WIDTH)):
        rule[scale.column(at_ns)] = look.glyphs("│")
        labels = labels.ljust(scale.column(at_ns)) + format_ns(at_ns)
    indent = " " * (_MARGIN + _NAME_WIDTH + 1)
    return f"{indent}{labels}\n{indent}{look.paint(''.join(rule).rstrip(), 'faint')}"


def legend(look: Look, timelines: Iterable[Timeline]) -> str:
    """What the glyphs mean, of those that are used."""
    used = {span.kind for timeline in timelines for span in timeline.spans}
    parts = [
        f"{look.paint(glyph if look.unicode else plain, style)} {words}"
        for kind, (glyph, plain, style, words) in _KINDS.items()
        if kind in used
    ]
    if any(span.line is not None for timeline in timelines for span in timeline.spans):
        parts.append(":n line n of yours")
    return " " * _MARGIN + "   ".join(parts)


def draw_all(look: Look, pictures: list[tuple[str, Timeline]], max_lanes: int = MOST_LANES) -> str:
    """Timelines with their titles, one above the other, all on the same scale."""
    timelines = [timeline for _, timeline in pictures]
    scale = scale_for(look, timelines)
    drawn = [draw(look, title, timeline, scale, max_lanes) for title, timeline in pictures]
    return "\n".join([axis(look, scale), *drawn, legend(look, timelines)])


def draw_both(look: Look, yours: Timeline, best: Timeline | None, max_lanes: int = MOST_LANES) -> str:
    """The learner's timeline above the best possible one, both on the same scale."""
    pictures = [("yours", yours)] + ([] if best is None else [("best possible", best)])
    return draw_all(look, pictures, max_lanes)
