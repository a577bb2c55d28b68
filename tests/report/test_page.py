"""What all pages share: text is text wherever it stands, and prose is shown as meant."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

import grader
from grader.export.student_page import student_page
from grader.report import page
from grader.report.page import TEMPLATES, lines_of, prose, prose_line

from .test_classroom import CONTROLS, chapter, view
from .test_html import Page


@pytest.mark.parametrize("name", ["x.html", "x.html.j2", "x.txt", "x"])
def test_text_is_escaped_and_cleaned_whatever_the_templates_name_ends_in(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text('<p title="{{ told }}">{{ told }}</p>')
    monkeypatch.setattr(page._environment(), "loader", page.FileSystemLoader(tmp_path))
    shown = page.render_page(name, told="<b>\"'{{ 7*7 }}\x00\x1b[31m\u202e\x07")
    text = "&lt;b&gt;&#34;&#39;{{ 7*7 }}���"
    assert shown == f'<p title="{text}">{text}</p>'


def test_a_name_that_a_template_gets_wrong_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").write_text("{{ student.nmae }}")
    monkeypatch.setattr(page._environment(), "loader", page.FileSystemLoader(tmp_path))
    with pytest.raises(UndefinedError, match="nmae"):
        page.render_page("x", student=view(chapter()))


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.j2")), ids=lambda path: path.name)
def test_no_template_trusts_a_text(template: Path) -> None:
    """None takes text for markup, switches escaping off, or leaves an attribute without its quotes."""
    text = template.read_text()
    assert not re.search(r"\|\s*(safe|e|escape|forceescape|xmlattr|urlize)\b|autoescape|Markup", text)
    assert not re.search(r"=\s*\{[{%]", re.sub(r"\{%.*?%\}", "", text))
    assert not re.search(r"<script|\bon[a-z]+=|style=|src=", text)
    assert not re.search(r'href="(?!#|\{\{ (person|problem)\.page \}\}")', text)


def test_text_is_taken_for_markup_in_one_module_only() -> None:
    home = Path(grader.__file__).parent
    found = {str(file.relative_to(home)) for file in home.rglob("*.py") if "Markup(" in file.read_text()}
    assert found == {"report/page.py"}


# -- prose -----------------------------------------------------------------------------------------
def test_markdown_is_shown_as_meant_without_its_headings() -> None:
    told = "# T\n\nTake `x<y`, **now**:\n\n    if a < b: pass\n\n- one\n- two\n\nT\n=\n\n```py\na && b\n```\n"
    assert prose(told) == (
        "<p>Take <code>x&lt;y</code>, <strong>now</strong>:</p>\n"
        "<pre><code>if a &lt; b: pass\n</code></pre>\n"
        "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
        '<pre><code class="language-py">a &amp;&amp; b\n</code></pre>\n'
    )
    assert prose_line("`a` is *b*") == "<code>a</code> is <em>b</em>"


@pytest.mark.parametrize(
    "told",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick=x>b</b> c",
        "[x](javascript:alert(1))",
        "<javascript:alert(1)>",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x]: javascript:alert(1)\n\n[x]",
        "![x](http://x.example/pixel.png)",
        "![x][y]\n\n[y]: http://x.example/pixel.png",
        '```"><script>alert(1)</script>\n```',
        '[x](http://x.example/ "\\" onclick=alert(1)")',
    ],
)
def test_markdown_makes_nothing_that_acts_or_fetches(told: str) -> None:
    for shown in (prose(told), prose_line(told)):
        read = Page(shown)
        assert not {"script", "img", "b"} & set(read.tags)
        assert not [name for name, _ in read.attributes if name.startswith("on") or name == "src"]
        assert not [link for link in read.values("href") if not link.startswith("http://x.example/")]


ANY_TEXT = st.text(st.characters(codec=None), max_size=60)


@settings(deadline=None)
@given(ANY_TEXT)
def test_any_markdown_at_all_is_balanced_and_clean(told: str) -> None:
    for shown in (prose(told), prose_line(told)):
        Page(shown).text.encode()
        assert not CONTROLS.search(shown)


@settings(deadline=None, max_examples=40)
@given(ANY_TEXT, ANY_TEXT)
def test_any_name_and_file_leave_a_students_page_as_it_is(name: str, source: str) -> None:
    known = Page(student_page(view(chapter())))
    read = Page(student_page(view(chapter(source=source), name=name)))
    assert set(read.tags) <= set(known.tags)
    assert {each for each, _ in read.attributes} <= {each for each, _ in known.attributes}


# -- the learner's file ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("a\r\nb\rc\n", ["a", "b", "c"]),
        ("a\n\n", ["a", ""]),
        ("a\x0cb\u2028c\n", ["a\x0cb\u2028c"]),
    ],
)
def test_lines_are_numbered_as_python_numbers_them(source: str, lines: list[str]) -> None:
    assert lines_of(source) == lines


