"""The Markdown pages name only what is there, and nothing names a page that is not in the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "deploy").rglob("*.md"),
    *(ROOT / "katas").rglob("*.md"),
]
ROOMS = "grader|tests|docs|katas|solutions|deploy"
NOT_IN_A_FILE = re.compile(r"design, section|words in design\b")
"""Words for a page that the repository has not."""


def links(text: str) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:|#", target):
            yield target.partition("#")[0]


def paths(text: str) -> Iterator[str]:
    """Paths below the repository's root in code spans; none with a placeholder in capitals."""
    for span in re.findall(r"`([^`\n]+)`", text):
        for word in re.findall(rf"(?:^|(?<=\s))(?:{ROOMS})/[\w./*-]*", span):
            if not re.search(r"/(?:[A-Z]+|NN\w*)(?:/|\.py|$)", word):
                yield word.rstrip(".")


def missing(page: Path) -> list[str]:
    text = page.read_text("utf-8")
    dead = [target for target in links(text) if not (page.parent / target).exists()]
    return dead + [path for path in paths(text) if not list(ROOT.glob(path))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_and_every_path_on_a_page_leads_to_something(page: Path) -> None:
    assert missing(page) == []


def test_a_page_that_names_what_is_not_there_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "[a](gone.md) [b](page.md#b) `grader/gone.py` `grader/cli/NAME.py`"
        " `make tests/gone` `grader/errors.py`"
    )
    assert missing(page) == ["gone.md", "grader/gone.py", "tests/gone"]


def test_code_and_pages_refer_to_no_page_outside_the_repository() -> None:
    here = {page.name for page in PAGES}
    files = [
        *PAGES,
        *(ROOT / name for name in ("Makefile", "pyproject.toml", "noxfile.py")),
        *(path for room in ("grader", "tests", "deploy") for path in (ROOT / room).rglob("*.py")),
    ]
    found = []
    for path in files:
        text = path.read_text("utf-8")
        hits = [name for name in re.findall(r"(?<![\w/.{}-])[\w-]+\.md\b", text) if name not in here]
        hits += NOT_IN_A_FILE.findall(text)
        if path != Path(__file__):
            found += [f"{path.relative_to(ROOT)}: {hit}" for hit in hits]
    assert found == []
