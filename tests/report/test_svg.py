"""A timeline as SVG: well-formed, told in words too, and nothing in it by colour alone."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.records import Span, Timeline
from grader.report.svg import MOST_LANES, timeline_svg

from .sample import S, staircase, together

SVG = "{http://www.w3.org/2000/svg}"


def drawn(timeline: Timeline, best: Timeline | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(timeline_svg(timeline, best))


def texts(root: ElementTree.Element) -> list[str]:
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def bars(root: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    """The bars of one kind, without the one in the legend."""
    found = root.iter(f"{SVG}rect")
    return [each for each in found if each.get("class") == kind and each.find(f"{SVG}title") is not None]


def test_it_is_an_image_with_a_title_and_a_description_in_words() -> None:
    root = drawn(staircase("oslo", "bergen"), together("oslo", "bergen"))
    assert root.get("role") == "img"
    named = (root.get("aria-labelledby") or "").split()
    words = {each.get("id"): each.text or "" for each in root if each.get("id") in named}
    assert words[named[0]] == "Your run: 2 s, at most 1 in flight; Best possible: 1 s, at most 2 in flight"
    assert "read_all, 0 s to 2 s: waiting, line 7: await read(name)." in words[named[1]]
    assert "bergen, 1 s to 2 s: request under way." in words[named[1]]


def test_both_runs_stand_on_one_scale() -> None:
    root = drawn(staircase("oslo", "bergen"), together("oslo", "bergen"))
    first, second, *best = [(float(b.get("x", 0)), float(b.get("width", 0))) for b in bars(root, "request")]
    assert second[0] - first[0] == best[0][1] + 1, "a second is as long above as below"
    assert {x for x, _ in best} == {first[0]}


def test_yours_stands_above_the_best_possible() -> None:
    found = texts(drawn(staircase("oslo"), together("oslo")))
    assert found.index("Your run1 s, at most 1 in flight") < found.index(
        "Best possible1 s, at most 1 in flight"
    )


def test_each_kind_has_a_look_without_colour_and_a_word_in_the_legend() -> None:
    spans = tuple(
        Span(lane=kind, kind=kind, start_ns=0, end_ns=S)
        for kind in ("running", "waiting", "blocked", "request")
    )
    markup = timeline_svg(Timeline(spans=spans, makespan_ns=S), None)
    for kind in ("waiting", "blocked"):
        assert re.search(rf'class="{kind}"[^>]* fill="url\(#t[0-9a-f]+-{kind}\)"', markup)
    for words in ("running", "request under way", "waiting", "held the loop"):
        assert f">{words}</text>" in markup


def test_where_the_best_possible_would_have_ended_is_marked_in_a_slower_run() -> None:
    slower = timeline_svg(staircase("oslo", "bergen"), together("oslo", "bergen"))
    assert "end of the best possible" in slower
    assert "end of the best possible" not in timeline_svg(together("oslo"), together("oslo"))


def test_beyond_the_cap_lanes_are_counted_and_those_that_held_the_loop_are_kept() -> None:
    spans = [Span(lane=f"r{n}", kind="request", start_ns=0, end_ns=S) for n in range(MOST_LANES + 5)]
    spans.append(Span(lane="culprit", kind="blocked", start_ns=0, end_ns=S))
    root = drawn(Timeline(spans=tuple(spans), makespan_ns=S, lanes_left_out=10))
    assert len(bars(root, "request")) == MOST_LANES - 1
    assert len(bars(root, "blocked")) == 1
    assert "and 16 more lanes" in texts(root)


def test_a_deadlock_at_once_is_still_a_picture() -> None:
    waiting = Span(lane="a", kind="waiting", start_ns=0, end_ns=0, label="await lock", line=3)
    root = drawn(Timeline(spans=(waiting,), makespan_ns=0))
    assert [float(bar.get("width", 0)) for bar in bars(root, "waiting")] == [2.0]


def test_no_style_attribute_and_nothing_from_elsewhere() -> None:
    markup = timeline_svg(staircase("oslo"), together("oslo"))
    assert " style=" not in markup
    assert "href" not in markup
    assert set(re.findall(r"https?://[^\"' ]+", markup)) == {"http://www.w3.org/2000/svg"}


def test_equal_timelines_on_one_page_have_ids_of_their_own() -> None:
    timeline = staircase("oslo")
    ids = [re.findall(r' id="([^"]+)"', timeline_svg(timeline, None, name=name)) for name in ("one", "two")]
    assert not set(ids[0]) & set(ids[1])
    assert timeline_svg(timeline, None, name="one") == timeline_svg(timeline, None, name="one")


ANY_TEXT = st.text(st.characters(codec=None), max_size=30)
SPANS = st.builds(
    Span,
    lane=ANY_TEXT,
    kind=st.one_of(st.sampled_from(["running", "waiting", "blocked", "request"]), ANY_TEXT),
    start_ns=st.integers(0, 10**12),
    end_ns=st.integers(0, 10**12),
    label=ANY_TEXT,
    line=st.one_of(st.none(), st.integers(1, 9999)),
)


@settings(deadline=None)
@given(st.lists(SPANS, max_size=8), st.integers(0, 10**12))
def test_whatever_a_guest_names_its_tasks_the_markup_stays_well_formed(spans: list[Span], end: int) -> None:
    root = drawn(Timeline(spans=tuple(spans), makespan_ns=end))
    allowed = {"svg", "title", "desc", "style", "defs", "pattern", "circle", "line", "rect", "text", "tspan"}
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= allowed
