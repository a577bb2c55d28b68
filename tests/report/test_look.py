"""Nothing of a learner's drives a terminal, and what a terminal cannot show is said with other signs."""

from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.report.look import Look, cells, clean, clean_line, fit, look_of


@pytest.mark.parametrize(
    "attack",
    [
        "\x1b[31mred\x1b[0m",
        "\x1b]0;title\x07",
        "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\",
        "\x1b[2J\x1b[H",
        "\x9b31m",
        "\rover",
        "\b\b\b",
        "\x07",
        "\u202eevil\u202c",
        "\x1b",
        "\x1b[",
        "\x1bPq#0\x1b\\",
        "\ud800",
        "\x00",
    ],
)
def test_escapes_and_controls_never_survive(attack):
    """Whatever is left has neither an escape nor a control character but line feeds."""
    left = clean(f"before{attack}\nafter")
    assert all(char == "\n" or unicodedata.category(char)[0] != "C" for char in left)
    assert left.startswith("before")
    assert left.endswith("after")


@given(st.text())
def test_any_text_comes_out_harmless(text):
    """The same for any text at all; cleaning twice changes nothing."""
    left = clean(text)
    assert all(char == "\n" or unicodedata.category(char)[0] != "C" for char in left)
    assert clean(left) == left
    assert "\n" not in clean_line(text)


def test_ordinary_text_stays():
    """Accents, wide characters and line breaks are not attacks."""
    assert clean("Tromsø\n東京 é ✓") == "Tromsø\n東京 é ✓"
    assert clean("a\tb\r\n") == "a    b\n"


@given(st.text(alphabet=st.characters(exclude_categories=["C"])), st.integers(1, 30))
def test_text_fits_its_columns_exactly(text, width):
    """Neither wide nor combining characters move what stands to the right."""
    assert cells(fit(text, width)) == width


def test_without_colour_nothing_is_painted():
    assert Look(colour=False).paint("x", "bad") == "x"
    assert Look(colour=True).paint("x", "bad") == "\x1b[31mx\x1b[0m"


def test_plain_signs_keep_their_places():
    """The ASCII signs are as wide as those they stand for, so that lanes stay aligned."""
    signs = "✓✗·…│━█░▚"
    plain = Look(unicode=False).glyphs(signs)
    assert plain.isascii()
    assert len(plain) == len(signs)


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "colour"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_the_environment_decides_on_colour(monkeypatch, environment, colour):
    """NO_COLOR wins over everything."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert look_of(Terminal(io.BytesIO(), "utf-8")).colour is colour


def test_the_encoding_decides_on_signs():
    """A pipe in Latin-1 gets plain signs, one in UTF-8 the real ones."""
    assert not look_of(io.TextIOWrapper(io.BytesIO(), "latin-1")).unicode
    assert look_of(io.TextIOWrapper(io.BytesIO(), "utf-8")).unicode
    assert not look_of(io.TextIOWrapper(io.BytesIO(), "utf-8")).colour


def test_prose_is_wrapped_and_keeps_its_paragraphs():
    wrapped = Look(width=30).wrap("one two three four five six seven\n\neight", "  ")
    assert wrapped.splitlines() == ["  one two three four five six", "  seven", "", "  eight"]


def test_a_command_in_prose_is_never_broken_between_lines():
    """Or what a user copies is another command: paths hold blanks, several in a row too, and are long."""
    command = "`kata run 4 --file '/home/ann/my  katas/weather stations of the north/gather_readings.py'`"
    wrapped = Look(width=40).wrap(f"The stub failed, and you can look with {command} where it did.")
    assert command in wrapped.splitlines()
    assert clean_line(f"Look:\n  {command} shows.") == f"Look: {command} shows."
