"""Timelines in characters: same scale, distinct without colour, never wider than the terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.records import Span, Timeline
from grader.report.lanes import axis, draw_both, scale_for
from grader.report.look import Look, cells

S = 1_000_000_000
PLAIN = Look(width=80)


def span(lane: str, start: float, end: float, kind: str = "request", line: int | None = None) -> Span:
    return Span(lane=lane, kind=kind, start_ns=int(start * S), end_ns=int(end * S), line=line)


def timeline(*spans: Span, peak: int = 1) -> Timeline:
    return Timeline(
        spans=spans, makespan_ns=max((one.end_ns for one in spans), default=0), peak_in_flight=peak
    )


def lanes_of(drawn: str, name: str) -> list[str]:
    return [line for line in drawn.splitlines() if line.strip().startswith(name)]


def test_both_stand_on_one_scale():
    """One second is as long below as above: a tenth of ten."""
    yours = timeline(*(span(f"station{i}", i, i + 1) for i in range(10)))
    best = timeline(*(span(f"best{i}", 0, 1) for i in range(10)), peak=10)
    drawn = draw_both(PLAIN, yours, best)
    widths = {line.count("━") for line in drawn.splitlines() if "━" in line and "request" not in line}
    assert len(widths) == 1
    assert drawn.index("yours · 10 s, peak 1 in flight") < drawn.index(
        "best possible · 1 s, peak 10 in flight"
    )


def test_kinds_differ_without_colour():
    """Running, waiting, blocked and request each have a sign, explained below, in ASCII too."""
    drawn = timeline(
        span("a", 0, 1, "running"), span("a", 1, 2, "waiting"), span("a", 2, 3, "blocked"), span("b", 0, 3)
    )
    for look, signs in ((PLAIN, "█░▚━"), (Look(unicode=False), "#.X=")):
        told = draw_both(look, drawn, None)
        for sign, words in zip(signs, ("running", "waiting", "blocked the loop", "request"), strict=True):
            assert f"{sign} {words}" in told or f"{sign} a {words}" in told
            assert sign * 5 in told
    assert draw_both(Look(unicode=False), drawn, None).isascii()


def test_a_blocked_loop_is_drawn_over_what_it_hides():
    """The stretch that explains most is the one to see."""
    told = draw_both(PLAIN, timeline(span("a", 0, 10, "waiting"), span("a", 4, 6, "blocked")), None)
    row = lanes_of(told, "a ")[0]
    assert row.index("░") < row.index("▚") < row.rindex("░")


def test_an_instant_shows_but_hides_nothing():
    """A span without length takes one cell, unless something longer is there."""
    told = draw_both(PLAIN, timeline(span("a", 0, 0, "running"), span("b", 0, 4)), None)
    assert lanes_of(told, "a ")[0].count("█") == 1
    told = draw_both(PLAIN, timeline(span("a", 0, 4, "waiting"), span("a", 2, 2, "running")), None)
    assert "█" not in lanes_of(told, "a ")[0]


def test_too_many_lanes_are_counted_and_the_telling_ones_kept():
    """A lane that blocked the loop is never among those left out."""
    spans = [span(f"lane{i:02}", 0, 1) for i in range(30)]
    spans[25] = span("lane25", 0, 1, "blocked")
    told = draw_both(PLAIN, timeline(*spans), None, max_lanes=12)
    assert "… 18 more" in told
    assert lanes_of(told, "lane25")
    assert "more" not in draw_both(PLAIN, timeline(*spans[:13]), None, max_lanes=12)


def test_the_line_of_the_longest_stretch_stands_beside_its_lane():
    told = draw_both(PLAIN, timeline(span("a", 0, 1, "waiting", 3), span("a", 1, 9, "waiting", 14)), None)
    assert lanes_of(told, "a ")[0].endswith(" :14")


def test_names_of_lanes_drive_no_terminal():
    told = draw_both(PLAIN, timeline(span("\x1b[2Jevil\nname", 0, 1)), None)
    assert "\x1b" not in told
    assert lanes_of(told, "evil name")


def test_an_empty_timeline_is_drawn_too():
    """Nothing happened: no division by zero, and it says so."""
    assert "0 s" in draw_both(PLAIN, Timeline(), Timeline())


def test_ticks_are_round_and_stand_over_their_instants():
    scale = scale_for(PLAIN, [timeline(span("a", 0, 10))])
    labels, ticks = axis(PLAIN, scale).splitlines()
    assert labels.split("  ")[-1] == "10 s"
    assert labels.index("5 s") == [place for place, sign in enumerate(ticks) if sign == "│"][1]


moments = st.integers(0, 10**13)
kinds = st.sampled_from(["running", "waiting", "blocked", "request", "unheard of"])


@given(
    st.lists(st.tuples(st.text(max_size=30), kinds, moments, moments), max_size=20),
    st.integers(40, 200),
    st.booleans(),
)
def test_whatever_is_drawn_stays_within_the_width(rows, width, plain):
    """Any spans, any width: it fits, and every lane is as wide as the others."""
    spans = [
        Span(lane=lane, kind=kind, start_ns=min(a, b), end_ns=max(a, b), line=3) for lane, kind, a, b in rows
    ]
    look = Look(width=width, unicode=not plain)
    told = draw_both(look, timeline(*spans), None)
    picture = [line for line in told.splitlines() if "line n of yours" not in line]  # the legend is prose
    assert all(cells(line) <= max(width, 45) for line in picture)
