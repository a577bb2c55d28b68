"""A judgement as a page: complete, self-contained, and deaf to whatever text it is given."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from grader.records import Span, Timeline, Verdict
from grader.report.html import judgement_html

from .sample import SOURCE, check, judgement, passed

VOID = {"meta", "link", "br", "img"}


class Page(HTMLParser):
    """Reads a page and notes its elements, attributes, styles and text; fails on unbalanced tags."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.styles: list[str] = []
        self.text = ""
        self.feed(markup)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            self.styles.append(data)
        else:
            self.text += data

    def values(self, name: str) -> list[str]:
        return [value for each, value in self.attributes if each == name]


@pytest.fixture(name="page")
def a_page() -> Page:
    return Page(judgement_html(judgement(), SOURCE))


def test_the_page_says_what_the_verdict_is_and_why(page: Page) -> None:
    for words in (
        "Gather the readings",
        "Not accepted: not concurrent",
        "1 of 3 points",
        "1 of 2 checks passed",
        "never was there more than one",
        "Misconception: awaited in a loop",
        "Running Tasks Concurrently",
        "kata check 4 --seed 7",
        "partial (Landlock)",
    ):
        assert words in page.text


def test_the_learners_line_is_marked_and_linked_both_ways() -> None:
    markup = judgement_html(judgement(), SOURCE)
    assert '<tr id="L7" class="marked">' in markup
    assert markup.count('class="marked"') == 1
    assert '<a href="#L7">Line 7</a>' in markup
    assert 'class="note" href="#check-test_requests_overlap"' in markup


def test_every_link_leads_to_a_place_on_the_page(page: Page) -> None:
    targets = [target.removeprefix("#") for target in page.values("href")]
    assert targets
    assert set(targets) <= set(page.values("id"))


def test_ids_are_unique(page: Page) -> None:
    assert len(set(page.values("id"))) == len(page.values("id"))


def test_the_failed_check_is_drawn_and_the_passed_one_is_not(page: Page) -> None:
    assert page.tags.count("svg") == 1


def test_the_policy_allows_exactly_the_styles_on_the_page_and_nothing_else(page: Page) -> None:
    policy = next(value for value in page.values("content") if "default-src" in value)
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'; style-src ")
    digests = {
        "'sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() + "'"
        for style in page.styles
    }
    assert set(policy.partition("style-src ")[2].split()) == digests
    assert "unsafe" not in policy


def test_nothing_is_fetched_and_nothing_runs(page: Page) -> None:
    assert not {"script", "link", "img", "iframe", "object", "embed", "form", "base"} & set(page.tags)
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on")} | (
        names & {"src", "style", "srcset", "action"}
    )
    assert "@import" not in "".join(page.styles)
    assert "url(" not in "".join(page.styles)


HOSTILE = (
    "</code></style></title><script>alert(1)</script><img src=x onerror=alert(1)>"
    "{{7*7}}&\"'\x00\x1b[31m\u202e"
)


def test_hostile_text_stays_text_wherever_it_comes_from() -> None:
    spans = (Span(lane=HOSTILE, kind="waiting", start_ns=0, end_ns=9, label=HOSTILE, line=1),)
    drawn = Timeline(spans=spans, makespan_ns=9)
    bad = check(id=HOSTILE, title=HOSTILE, rationale=HOSTILE, output=HOSTILE, misconception=HOSTILE, seed=3)
    bad = replace(bad, timeline=drawn, best=drawn)
    page = Page(judgement_html(judgement(bad, title=HOSTILE), HOSTILE))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert "<script>alert(1)</script>" in page.text
    assert "{{7*7}}" in page.text
    everything = page.text + "".join(value for _, value in page.attributes)
    assert not {"\x00", "\x1b", "\u202e"} & set(everything)


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(codec=None), max_size=60), st.text(st.characters(codec=None), max_size=60))
def test_any_text_at_all_leaves_the_page_balanced(told: str, source: str) -> None:
    known = set(Page(judgement_html(judgement(check(output="x", seed=1)), SOURCE)).tags)
    page = Page(judgement_html(judgement(check(title=told, rationale=told, output=told, seed=1)), source))
    assert set(page.tags) <= known


def test_an_accepted_judgement_has_no_complaints() -> None:
    page = Page(judgement_html(judgement(passed()), SOURCE))
    assert "Accepted" in page.text
    assert "Misconception" not in page.text
    assert "marked" not in page.values("class")


@pytest.mark.parametrize("verdict", [Verdict.JUDGE_ERROR, Verdict.STALLED])
def test_what_could_not_be_judged_is_not_called_rejected(verdict: Verdict) -> None:
    page = Page(judgement_html(judgement(check(verdict)), SOURCE))
    assert "Not judged" in page.text
    assert "Not accepted" not in page.text


def test_a_line_that_the_file_does_not_have_marks_nothing() -> None:
    markup = judgement_html(judgement(check(line=99)), SOURCE)
    assert "marked" not in markup.partition('<section aria-labelledby="file">')[2]


def test_an_endless_line_is_cut_and_says_so() -> None:
    markup = judgement_html(judgement(), "x" * 1_000_000 + "\ny = 1\n")
    assert len(markup) < 100_000
    assert "x…</code>" in markup
    assert "y = 1" in markup


def test_an_endless_file_is_cut_and_the_rest_counted() -> None:
    assert "And 2000 more lines." in judgement_html(judgement(), "x = 1\n" * 5000)
