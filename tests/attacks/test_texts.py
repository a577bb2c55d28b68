"""What a submission chose to be called or to print does nothing to whoever reads the verdict."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from grader.export.formats.junit import junit
from grader.export.tables import DANGEROUS, safe
from grader.report.html import judgement_html
from grader.report.look import Look
from grader.report.terminal import render
from tests.attacks.attack import ATTACKS, Attack
from tests.attacks.scene import HURRIED_ONCE, Scene

TEXTS = [attack for attack in ATTACKS if attack.said.get("Says") == "texts"]


class Tags(HTMLParser):
    """The elements of a page, and the attributes that would act."""

    def __init__(self) -> None:
        super().__init__()
        self.acting: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]
        self.acting += [tag] if tag in ("script", "img", "iframe", "object") else []
        self.acting += [f"{tag} {name}" for name in names if name.startswith("on")]


@pytest.mark.parametrize("attack", TEXTS, ids=lambda attack: attack.name)
def test_words_of_a_submission_are_only_words(attack: Attack, scenes: Callable[[str], Scene]) -> None:
    scene = scenes("best")
    judgement = scene.judged(attack, HURRIED_ONCE)
    source = attack.source()
    shown = render(judgement, source, Look(width=100, colour=False, unicode=True))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    page = Tags()
    page.feed(judgement_html(judgement, source))
    assert page.acting == []
    ElementTree.fromstring(junit([judgement]))
    for check in judgement.checks:
        assert not safe(check.rationale or "").startswith(DANGEROUS)
        assert not safe(check.output).startswith(DANGEROUS)
