"""The pages as a browser shows them: nothing refused, nothing cut off, nothing that shuts somebody out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner

from grader.cli import cli
from grader.export.class_facts import Classroom
from grader.export.class_page import class_page
from grader.export.student_page import student_page

from .browser import Browser
from .test_classroom import chapter, evil_school, full_school, full_view, school, view

HOME = Path(__file__).parent.parent.parent
AXE = HOME / ".axe/node_modules/axe-core/axe.min.js"
KATA = "04_gather_readings"
RULES = "{ rules: { 'target-size': { enabled: true } } }"
"""Beside what axe-core tries by itself: that a finger can hit the links."""

pytestmark = pytest.mark.browser


def missing(what: str, mend: str) -> NoReturn:
    """No browser, no test; but CI is where they have to run."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI has to have it: {mend}.")
    pytest.skip(f"{what} is missing, so no browser has read the pages: {mend}.")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        missing("Chromium", "install the package `chromium`")
    with Browser(program, tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        missing("axe-core", "`make axe`")
    return AXE.read_text()


def checked(answer: str) -> Callable[[Path], None]:
    """The page that `kata check --html` writes of one of the answers under `solutions/`."""

    def write(page: Path) -> None:
        file = HOME / "solutions" / KATA / answer
        ran = CliRunner().invoke(cli, ["check", "4", "--file", str(file), "--html", str(page)])
        assert page.exists(), ran.output

    return write


PAGES: dict[str, Callable[[Path], Any]] = {
    "accepted": checked("accepted/gather.py"),
    "rejected": checked("rejected/awaited_in_a_loop.py"),
    "class": lambda page: page.write_text(class_page(full_school())),
    "hostile": lambda page: page.write_text(class_page(evil_school())),
    "student": lambda page: page.write_text(student_page(full_view())),
}


@pytest.fixture(scope="module", params=PAGES)
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("pages") / f"{request.param}.html"
    PAGES[request.param](file)
    return file


def findings(browser: Browser, axe: str) -> list[str]:
    """What axe-core has against the page that is shown, with all that can be unfolded."""
    browser.told_by("document.querySelectorAll('details').forEach(each => each.open = true)")
    browser.told_by(f"{axe}; 0")
    told = browser.told_by(f"axe.run({RULES})")
    assert len(told["passes"]) > 10, "axe-core has hardly looked"
    return [f"{each['id']}: {node['html']}" for each in told["violations"] for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_a_page_shuts_nobody_out(browser: Browser, axe: str, page: Path, width: int, scheme: str) -> None:
    """axe-core finds nothing, in either scheme and on a telephone, and nothing is wider than the window."""
    browser.show(page, width=width, scheme=scheme)
    assert browser.told_by("matchMedia('(prefers-color-scheme: dark)').matches") == (scheme == "dark")
    assert browser.told_by("innerWidth") == width
    assert browser.told_by("document.documentElement.scrollWidth") <= width
    assert findings(browser, axe) == []
    assert browser.complaints == []


@pytest.mark.parametrize("classroom", [full_school(), evil_school()], ids=["full", "hostile"])
def test_names_leave_room_for_marks_on_a_telephone(
    browser: Browser, tmp_path: Path, classroom: Classroom
) -> None:
    """The names stay where they are when the marks scroll, so they must not fill the window."""
    (tmp_path / "index.html").write_text(class_page(classroom))
    browser.show(tmp_path / "index.html", width=400)
    assert browser.told_by("document.querySelector('.grid tbody th').offsetWidth") <= 200


def test_what_shuts_somebody_out_is_found(browser: Browser, axe: str, tmp_path: Path) -> None:
    """The same look at a page that was spoilt in three places."""
    spoilt = student_page(view(chapter())).replace(' lang="en"', "").replace(' tabindex="0"', "")
    spoilt = spoilt.replace("--soft: #5b6774", "--soft: #dddddd")
    bypassed = tmp_path / "spoilt.html"
    bypassed.write_text(spoilt.replace("Content-Security-Policy", "spoilt"))
    browser.show(bypassed, width=400)
    found = {each.partition(":")[0] for each in findings(browser, axe)}
    assert found >= {"html-has-lang", "scrollable-region-focusable", "color-contrast"}


def test_what_the_policy_forbids_is_complained_of(browser: Browser, tmp_path: Path) -> None:
    """Neither a style nor a script that is not ours does anything."""
    spoilt = student_page(view(chapter())).replace(
        "</main>", "<style>h1 { color: red }</style><script>document.title = 'HARM'</script></main>"
    )
    (tmp_path / "spoilt.html").write_text(spoilt)
    browser.show(tmp_path / "spoilt.html")
    assert browser.told_by("document.title") == "Results of Jane Doe"
    assert sum("Content Security Policy" in each for each in browser.complaints) == 2


def test_a_browser_shows_a_class_of_three_hundred(browser: Browser, tmp_path: Path) -> None:
    """All rows in the document, and drawn."""
    (tmp_path / "index.html").write_text(class_page(school(300)))
    browser.show(tmp_path / "index.html", width=1400)
    assert browser.told_by("document.querySelectorAll('.grid tbody th[scope=row] a').length") == 300
    assert browser.complaints == []
    assert len(browser.picture()) > 20_000, "an empty page is a much smaller picture"
