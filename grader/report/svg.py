"""A timeline as inline SVG: the learner's run above, the best possible below, on one scale.

Everything is told twice: by pattern and by colour, by position and in words (`<title>` and `<desc>`
for those who hear the page). Colours are CSS variables with a dark set of their own. The markup holds
no style attribute, so that a page may forbid those; its one `<style>` is `STYLE`, always the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from grader.records import Record, Span, Timeline
from grader.report.look import clean_line
from grader.trace.axis import format_ns, ticks

MOST_LANES = 24
"""Lanes drawn per timeline; what is left out is said."""

_WIDTH = 760
_LANE = 22
_BAR = 14
_HEADING = 30
_AXIS = 26
_LEGEND = 28
_RIGHT = 30
_CHARACTER = 6.4
"""Width of a character of the lanes' names in px, a little more than the usual."""

STYLE = """
.kata-timeline { --ink: #1f2933; --soft: #616e7c; --grid: #e4e7eb; --paper: #ffffff; --waiting: #9aa5b1;
  --running: #2f855a; --request: #2b6cb0; --blocked: #c53030; --best: #2f855a;
  display: block; width: 100%; height: auto; font: 12px/1.2 ui-sans-serif, system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { .kata-timeline { --ink: #e4e7eb; --soft: #9aa5b1; --grid: #323f4b;
  --paper: #1b222a; --waiting: #7b8794; --running: #68d391; --request: #63b3ed; --blocked: #fc8181;
  --best: #68d391; } }
@media print { .kata-timeline { --ink: #000000; --soft: #444444; --grid: #cccccc; --paper: #ffffff;
  --waiting: #888888; --running: #2f855a; --request: #2b6cb0; --blocked: #c53030; --best: #2f855a; } }
.kata-timeline text { fill: var(--ink); stroke: var(--paper); stroke-width: 3px; paint-order: stroke; }
.kata-timeline .heading { font-weight: 600; font-size: 13px; }
.kata-timeline .soft { fill: var(--soft); }
.kata-timeline .small { font-size: 10.5px; }
.kata-timeline .inside { font-size: 10px; }
.kata-timeline .grid { stroke: var(--grid); }
.kata-timeline .best { stroke: var(--best); stroke-dasharray: 4 3; }
.kata-timeline .waiting { stroke: var(--waiting); }
.kata-timeline .running { fill: var(--running); stroke: var(--running); }
.kata-timeline .request { fill: var(--request); stroke: var(--request); }
.kata-timeline .blocked { stroke: var(--blocked); stroke-width: 1.5; }
.kata-timeline .dot { fill: var(--waiting); }
.kata-timeline .stripe { stroke: var(--blocked); stroke-width: 3; }
"""

_KINDS = {
    "running": "running",
    "request": "request under way",
    "waiting": "waiting",
    "blocked": "held the loop",
}
"""Every kind of span and its words, in the order of the legend."""


class _Panel(Record, frozen=True):
    """One timeline to be drawn: its heading, and the lanes of it that are shown."""

    heading: str
    timeline: Timeline
    lanes: tuple[tuple[str, tuple[Span, ...]], ...]
    left_out: int

    @property
    def height(self) -> int:
        return _HEADING + _LANE * (len(self.lanes) + bool(self.left_out))


class _Frame(Record, frozen=True):
    """Where time stands on the paper: the left edge of the scale, its right edge, and its end."""

    left: int
    end_ns: int
    name: str
    """What the ids of this drawing start with."""

    def x(self, at_ns: int) -> float:
        """The place of an instant, in px."""
        return round(self.left + (_WIDTH - _RIGHT - self.left) * at_ns / max(1, self.end_ns), 2)


def timeline_svg(timeline: Timeline, best: Timeline | None, *, name: str = "") -> str:
    """The drawing. `name` tells apart the ids of equal timelines on one page."""
    panels = [_panel("Your run", timeline)]
    if best is not None and best.spans:
        panels.append(_panel("Best possible", best))
    frame = _Frame(
        left=_names_width(panels),
        end_ns=max(panel.timeline.makespan_ns for panel in panels),
        name=_unique(timeline, best, name),
    )
    height = sum(panel.height for panel in panels) + _AXIS + _LEGEND
    parts = [
        f'<svg class="kata-timeline" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'role="img" aria-labelledby="{frame.name}-title {frame.name}-desc">',
        f'<title id="{frame.name}-title">{_title(panels)}</title>',
        f'<desc id="{frame.name}-desc">{_description(panels)}</desc>',
        f"<style>{STYLE}</style>",
        *_patterns(frame),
        *_grid(frame, height - _LEGEND),
    ]
    top = 0
    for panel in panels:
        parts += _panel_drawn(panel, frame, top)
        top += panel.height
    parts += _best_mark(panels, frame)
    parts += _legend(panels, frame, height - 12)
    return "\n".join([*parts, "</svg>"])


def _panel(heading: str, timeline: Timeline) -> _Panel:
    lanes: dict[str, list[Span]] = {}
    for span in timeline.spans:
        lanes.setdefault(span.lane, []).append(span)
    shown = _most_telling(lanes)
    return _Panel(
        heading=heading,
        timeline=timeline,
        lanes=tuple((lane, tuple(lanes[lane])) for lane in shown),
        left_out=len(lanes) - len(shown) + timeline.lanes_left_out,
    )


def _most_telling(lanes: dict[str, list[Span]]) -> list[str]:
    """The lanes to draw, in their order: those that held the loop come before the first ones."""
    blocked = [lane for lane, spans in lanes.items() if any(span.kind == "blocked" for span in spans)]
    chosen = set(list(dict.fromkeys([*blocked, *lanes]))[:MOST_LANES])
    return [lane for lane in lanes if lane in chosen]


def _names_width(panels: Iterable[_Panel]) -> int:
    longest = max((len(_short(lane, 24)) for panel in panels for lane, _ in panel.lanes), default=0)
    return int(max(90, longest * _CHARACTER + 24))


def _unique(timeline: Timeline, best: Timeline | None, name: str) -> str:
    told = repr((timeline, best, name)).encode("utf-8", "backslashreplace")
    return "t" + hashlib.sha256(told).hexdigest()[:10]


def _title(panels: Sequence[_Panel]) -> str:
    return "; ".join(f"{panel.heading}: {_facts(panel.timeline)}" for panel in panels)


def _facts(timeline: Timeline) -> str:
    took = format_ns(timeline.makespan_ns)
    return f"{took}, at most {timeline.peak_in_flight} in flight" if timeline.peak_in_flight else took


_MOST_TOLD = 40
"""Spans told in words: enough for a drawing that people read, bounded for one that nobody would."""


def _description(panels: Sequence[_Panel]) -> str:
    """The first panel in words, span by span."""
    spans = [span for _, lane in panels[0].lanes for span in lane]
    told = [f"{clean_line(span.lane)}, {_span_words(span)}." for span in spans[:_MOST_TOLD]]
    if len(spans) > _MOST_TOLD:
        told.append(f"And {len(spans) - _MOST_TOLD} more.")
    return _text(" ".join(told))


def _span_words(span: Span) -> str:
    """`0 s to 1 s: waiting, line 14: await fetch(name)`."""
    words = f"{format_ns(span.start_ns)} to {format_ns(span.end_ns)}: {_KINDS.get(span.kind, span.kind)}"
    if span.line is not None:
        words += f", line {span.line}"
    return f"{words}: {clean_line(span.label)}" if span.label else words


def _patterns(frame: _Frame) -> Iterator[str]:
    yield (
        f'<defs><pattern id="{frame.name}-waiting" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<circle class="dot" cx="3" cy="3" r="1"/></pattern>'
        f'<pattern id="{frame.name}-blocked" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><line class="stripe" x1="1.5" y1="0" x2="1.5" y2="7"/></pattern>'
        "</defs>"
    )


def _grid(frame: _Frame, bottom: int) -> Iterator[str]:
    for at_ns in ticks(frame.end_ns, at_most=9):
        x = frame.x(at_ns)
        yield f'<line class="grid" x1="{x}" y1="{_HEADING - 6}" x2="{x}" y2="{bottom - _AXIS + 6}"/>'
        yield (
            f'<text class="soft small" x="{x}" y="{bottom - _AXIS + 20}" text-anchor="middle">'
            f"{format_ns(at_ns)}</text>"
        )


def _panel_drawn(panel: _Panel, frame: _Frame, top: int) -> Iterator[str]:
    yield (
        f'<text x="0" y="{top + 17}"><tspan class="heading">{panel.heading}</tspan>'
        f'<tspan class="soft" dx="8">{_facts(panel.timeline)}</tspan></text>'
    )
    y = top + _HEADING
    for lane, spans in panel.lanes:
        yield (
            f'<text x="{frame.left - 10}" y="{y + 11}" text-anchor="end">{_text(_short(lane, 24))}'
            f"<title>{_text(lane)}</title></text>"
        )
        for span in spans:
            yield from _span_drawn(span, frame, y)
        y += _LANE
    if panel.left_out:
        more = f"and {panel.left_out} more {'lane' if panel.left_out == 1 else 'lanes'}"
        yield f'<text class="soft" x="{frame.left}" y="{y + 11}">{more}</text>'


def _span_drawn(span: Span, frame: _Frame, y: int) -> Iterator[str]:
    kind = span.kind if span.kind in _KINDS else "running"
    x = frame.x(span.start_ns)
    width = max(2.0, round(frame.x(span.end_ns) - x - 1, 2))
    yield (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{_BAR}" rx="2"'
        f"{_fill(kind, frame)}><title>{_text(_span_words(span))}</title></rect>"
    )
    words = _inside_words(span)
    room = int((width - 8) / 5.6)
    if words and room >= min(len(words), 7):
        yield f'<text class="inside" x="{x + 4}" y="{y + 10.5}">{_text(_short(words, room))}</text>'


def _fill(kind: str, frame: _Frame) -> str:
    return f' fill="url(#{frame.name}-{kind})"' if kind in ("waiting", "blocked") else ""


def _inside_words(span: Span) -> str:
    """What is written on a bar of dots or stripes: where the code was. A filled bar bears no writing."""
    if span.kind not in ("waiting", "blocked"):
        return ""
    label = clean_line(span.label)
    return label if span.line is None else f"line {span.line}  {label}"


def _best_mark(panels: Sequence[_Panel], frame: _Frame) -> Iterator[str]:
    """A line through the learner's run where the best possible one would have been done."""
    if _is_slower(panels):
        x = frame.x(panels[1].timeline.makespan_ns)
        yield f'<line class="best" x1="{x}" y1="{_HEADING - 6}" x2="{x}" y2="{panels[0].height}"/>'


def _is_slower(panels: Sequence[_Panel]) -> bool:
    return len(panels) > 1 and 0 < panels[1].timeline.makespan_ns < panels[0].timeline.makespan_ns


def _legend(panels: Sequence[_Panel], frame: _Frame, y: int) -> Iterator[str]:
    """The kinds that occur, each with its pattern."""
    used = {span.kind for panel in panels for _, lane in panel.lanes for span in lane}
    x = frame.left
    for kind, words in _KINDS.items():
        if kind in used:
            yield (
                f'<rect class="{kind}" x="{x}" y="{y - 9}" width="18" height="10" rx="2"'
                f"{_fill(kind, frame)}/>"
                f'<text class="soft small" x="{x + 24}" y="{y}">{words}</text>'
            )
            x += int(44 + len(words) * 5.6)
    if _is_slower(panels):
        yield (
            f'<line class="best" x1="{x}" y1="{y - 4}" x2="{x + 18}" y2="{y - 4}"/>'
            f'<text class="soft small" x="{x + 24}" y="{y}">end of the best possible</text>'
        )


def _short(text: str, most: int) -> str:
    text = clean_line(text)
    return text if len(text) <= most else text[: max(0, most - 1)] + "…"


def _text(text: str) -> str:
    return escape(clean_line(text))
