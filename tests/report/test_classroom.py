"""The pages of a class: complete for three hundred, readable for everybody, deaf to hostile text."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import pytest
from msgspec.structs import replace

from grader.export.class_facts import (
    Classroom,
    Column,
    Person,
    Result,
    Trouble,
    distribution,
    failed_checks,
    misconceptions,
)
from grader.export.class_page import class_page
from grader.export.student_page import Chapter, StudentView, student_page
from grader.records import Verdict
from grader.report.page import TEMPLATES

from .sample import SOURCE, judgement
from .test_html import Page

EVIL = (
    "</title><script>alert(1)</script><img src=http://x.example/ onerror=alert(1)>"
    "\"'{{7*7}}{%x%}\x00\x1b[2J\u202e"
)
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
HINTS = (
    "## A nudge\n\nUse `gather`, **all** at once.\n\n```python\nawait gather(*tasks)\n```\n",
    "## 2\n\nB",
    "## 3\n\nC",
)


def column(number: int) -> Column:
    return Column(number=number, slug=f"kata_{number}", title=f"Kata <{number}>", worth=10)


def result(
    number: int, *, accepted: bool = False, verdict: Verdict | None = None, points: float | None = 5
) -> Result:
    made = replace(judgement(), number=number, slug=f"kata_{number}")
    if accepted:
        checks = tuple(
            replace(check, verdict=Verdict.ACCEPTED, points=check.max_points) for check in made.checks
        )
        made = replace(made, checks=checks)
    elif verdict is not None:
        made = replace(made, checks=(replace(made.checks[0], verdict=verdict),))
    return Result(judgement=made, points=points, worth=10)


def person(number: int, results: dict[str, Result], name: str = "", total: float | None = 5) -> Person:
    return Person(
        id=f"s{number}",
        name=name or f"Student {number}",
        section="A",
        page=f"students/s{number}.html",
        results=results,
        total=total,
    )


def school(size: int, katas: int = 15) -> Classroom:
    """A class of any size: every third accepted, every seventh absent."""
    columns = tuple(column(number) for number in range(1, katas + 1))
    people = tuple(
        person(
            number,
            {kata.slug: result(kata.number, accepted=number % 3 == 0) for kata in columns if number % 7},
            total=number % 11 * katas,
        )
        for number in range(size)
    )
    return Classroom(title="Class results", katas=columns, people=people)


def full_school() -> Classroom:
    """A class with something of everything."""
    classroom = school(9, katas=15)
    some = {
        "kata_1": result(1, verdict=Verdict.JUDGE_ERROR, points=None),
        "kata_2": replace(result(2, accepted=True), lateness="3 h late: 10 % off", points=9, attempts=3),
        "kata_3": replace(result(3), judgement=None, points=None),
    }
    return replace(
        classroom,
        people=(*classroom.people, person(9, some, name="An Unusually Long Name of Somebody in This Class")),
        problems=(
            Trouble(where="kata_1 of s9", why="could not be judged", page="students/s9.html"),
            Trouble(where="a_folder/with_a_very_long_name/and_a_file.py", why="its name fits several katas"),
        ),
    )


def evil_school() -> Classroom:
    hostile = result(1)
    checks = tuple(
        replace(check, title=EVIL, rationale=EVIL, misconception=EVIL) for check in hostile.judgement.checks
    )
    hostile = replace(hostile, judgement=replace(hostile.judgement, checks=checks), lateness=EVIL)
    return Classroom(
        title=EVIL,
        katas=(replace(column(1), title=EVIL),),
        people=(replace(person(1, {"kata_1": hostile}, name=EVIL), section=EVIL),),
        problems=(Trouble(where=EVIL, why=EVIL),),
    )


def view(chapter: Chapter, name: str = "Jane Doe") -> StudentView:
    return StudentView(name=name, total=5, worth=10, chapters=(chapter,))


def chapter(made: Result | None = None, source: str = SOURCE) -> Chapter:
    return Chapter(
        number=1, slug="kata_1", title="Kata 1", result=made or result(1), source=source, hints=HINTS
    )


def full_view() -> StudentView:
    """A student with something of everything."""
    results = (*full_school().people[-1].results.values(), result(4), result(5))
    chapters = (
        replace(chapter(made), number=number, slug=f"kata_{number}", title=f"Kata {number}")
        for number, made in enumerate(results, start=1)
    )
    return StudentView(
        name="An Unusually Long Name of Somebody in This Class",
        total=5,
        worth=50,
        chapters=tuple(chapters),
        missing=(column(6), column(7)),
    )


# -- what is told ----------------------------------------------------------------------------------
def test_the_grid_has_a_row_per_student_and_a_cell_per_kata():
    """Signs and words, points, lateness; what was not handed in says so."""
    late = replace(result(2, accepted=True), lateness="3 h late: 10 % off", points=9)
    classroom = Classroom(
        title="Class",
        katas=(column(1), column(2)),
        people=(
            person(1, {"kata_1": result(1), "kata_2": late}),
            person(2, {}),
            person(3, {"kata_1": replace(result(1), judgement=None, points=None)}),
        ),
    )
    markup = class_page(classroom)
    page = Page(markup)
    assert '<td class="bad" title="not concurrent">' in markup
    assert 'title="accepted, 3 h late: 10 % off"' in markup
    assert page.text.count("no submission") == 3 + 1  # three cells and the caption
    assert "not judged" in page.text
    assert "No submission from Student 2 (s2)." in page.text
    assert '<a href="students/s1.html">Student 1</a>' in markup


def test_people_of_one_name_are_told_apart_and_numbers_go_by_their_size():
    people = (
        *(person(number, {}, name="Ann Same") for number in (2, 1)),
        *(person(number, {}, name=f"s{number}") for number in (10, 9)),
    )
    markup = class_page(Classroom(title="", katas=(column(1),), people=people))
    rows = re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', markup)
    assert rows == ["Ann Same (s1)", "Ann Same (s2)", "s9", "s10"]
    assert "No submission from Ann Same (s1); Ann Same (s2); s9; s10." in Page(markup).text


def test_what_is_not_judged_yet_is_counted_and_is_no_failure():
    """A run was stopped: the page says so, and of which hand-ins `accepted` is a share."""
    waiting = replace(result(1), judgement=None, points=None)
    people = (
        person(1, {"kata_1": result(1, accepted=True)}),
        person(2, {"kata_1": waiting}, total=None),
    )
    page = Page(class_page(Classroom(title="", katas=(column(1),), people=people)))
    assert "Not judged yet1" in page.text
    assert "1 submission is not judged yet: run kata grade again." in page.text
    assert "1 of 1" in page.text


def test_statistics_are_of_the_class():
    """Shares by ten per cent, checks by how many failed, each person once per misconception."""
    classroom = school(22)
    assert sum(count for _, count in distribution(classroom)) == 22 - 4
    assert (
        dict(
            distribution(
                Classroom(title="", katas=(column(1),), people=(person(1, {"kata_1": result(1)}, total=10),))
            )
        )["90 to 100 %"]
        == 1
    )
    (slug, _, failed, judged), *_ = failed_checks(classroom)
    assert (slug, failed, judged) == ("kata_1", 12, 18)
    ((name, people),) = misconceptions(classroom)
    assert (name, len(people)) == ("awaited_in_a_loop", 12)


def test_what_could_not_be_judged_is_something_to_look_at():
    """Once, by whose page it is on; no total is shown for it, and no band counts it."""
    classroom = Classroom(
        title="Class",
        katas=(column(1),),
        people=(person(1, {"kata_1": result(1, verdict=Verdict.JUDGE_ERROR, points=None)}, total=None),),
        problems=(
            Trouble(where="kata_1 of s1", why="could not be judged", page="students/s1.html"),
            Trouble(where="a/b.py", why="its name fits several katas"),
        ),
    )
    markup = class_page(classroom)
    page = Page(markup)
    assert '<a href="students/s1.html">kata_1 of s1</a>: could not be judged' in markup
    assert page.text.count("an error of ours, not yours") == 1  # in the grid
    assert "a/b.py: its name fits several katas" in page.text
    assert "</td><td>-</td></tr>" in markup
    assert sum(count for _, count in distribution(classroom)) == 0


def test_a_students_page_tells_why_where_and_how_to_go_on():
    """Rationale, the line of their file, the misconception, the drawing, a hint."""
    markup = student_page(view(chapter()))
    page = Page(markup)
    failed = next(check for check in judgement().checks if not check.passed)
    assert failed.rationale in page.text
    assert f"Line {failed.line} of your file" in page.text
    assert "readings.append(await read(name))" in page.text
    assert "Misconception" in page.text
    assert "svg" in page.tags
    assert "Use gather, all at once." in page.text
    accepted = student_page(view(chapter(result(1, accepted=True, points=10))))
    assert "A hint" not in accepted
    unjudged = student_page(replace(view(chapter()), total=None))
    assert "No mark yet; 10 points are possible" in Page(unjudged).text


def test_a_students_page_says_no_seed():
    """Neither the class's nor an explored check's: arguments can be worked out from both."""
    made = result(1).judgement
    checks = tuple(replace(check, seed=987654) for check in made.checks)
    seeded = replace(result(1), judgement=replace(made, seed=987654, checks=checks))
    markup = student_page(view(chapter(seeded)))
    assert "987654" not in markup
    assert "--seed" not in markup
    assert "<dt>Seed</dt><dd>987654</dd>" in class_page(
        Classroom(title="Class", katas=(column(1),), people=(person(1, {"kata_1": seeded}),))
    )


def test_what_our_own_error_quotes_is_not_for_students():
    """It may be a line of a hidden suite, and where that lies."""
    secret = "The suite itself broke: /srv/suites/test_01.py, line 9: assert answer == 42"
    broken = result(1, verdict=Verdict.JUDGE_ERROR, points=None)
    checks = tuple(replace(check, rationale=secret) for check in broken.judgement.checks)
    broken = replace(broken, judgement=replace(broken.judgement, checks=checks))
    page = Page(student_page(view(chapter(broken))))
    assert "/srv/suites" not in page.text
    assert "It could not be judged, which is no fault of yours." in page.text


def test_a_students_page_lists_katas_that_were_not_handed_in():
    """By number and title, with what they are worth."""
    student = replace(view(chapter()), missing=(column(2), column(7)))
    page = Page(student_page(student))
    assert "No submission" in page.text
    assert "Kata 07: Kata <7> (10 points)" in page.text
    assert "No submission" not in Page(student_page(view(chapter()))).text


def test_attempts_are_counted_on_both_pages():
    """In words; a single one is no news in the grid."""
    third = replace(result(1, accepted=True), attempts=3)
    assert "5 of 10 points; 3 attempts, of which this counts" in Page(student_page(view(chapter(third)))).text
    assert "5 of 10 points; 1 attempt" in Page(student_page(view(chapter()))).text
    people = (person(1, {"kata_1": third}), person(2, {"kata_1": result(1)}))
    markup = class_page(Classroom(title="Class", katas=(column(1),), people=people))
    assert 'title="accepted, 3 attempts"' in markup
    assert "#3" in Page(markup).text
    assert "1 attempt" not in markup


def test_the_grid_is_in_order_of_names_whatever_their_case():
    """Accents stand with their letters; of one name the id decides."""
    names = ["zoe", "Émile", "adam", "Zed", "Bob", "bob", "eve", "Eva"]
    people = tuple(person(number, {}, name=name) for number, name in enumerate(names))
    markup = class_page(Classroom(title="Class", katas=(column(1),), people=people))
    shown = re.findall(r'<th scope="row"><a href="[^"]*">([^<]*)</a>', markup)
    assert shown == ["adam", "Bob", "bob", "Émile", "Eva", "eve", "Zed", "zoe"]


@pytest.mark.parametrize("source", ["x" * 1_000_000, "x = 1\n" * 200_000, "\x1b[2J" * 200_000])
def test_a_huge_file_makes_no_huge_page(source):
    """One line of a megabyte, or very many: what is shown is clipped, and says so."""
    made = judgement()
    checks = tuple(replace(made.checks[0], verdict=Verdict.WRONG_ANSWER, line=1) for _ in range(7))
    huge = replace(result(1), judgement=replace(made, checks=checks))
    markup = student_page(view(chapter(huge, source=source)))
    without = student_page(view(chapter(huge, source="x")))
    assert len(markup) - len(without) < 10_000
    assert ("…" in markup) == ("\n" not in source)


# -- safe and self-contained -----------------------------------------------------------------------
@pytest.mark.parametrize("page", ["class", "student"])
def test_hostile_text_stays_text(page):
    """Names, titles, rationales and sources, wherever they are shown."""
    if page == "class":
        markup = class_page(evil_school())
    else:
        hostile = evil_school().people[0].results["kata_1"]
        markup = student_page(view(chapter(hostile, source=f"{EVIL}\n" * 20), name=EVIL))
    read = Page(markup)
    assert not {"script", "img", "iframe", "object", "link", "base", "form"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on") or name == "style"]
    assert not CONTROLS.search(markup)
    assert "{{7*7}}{%x%}" in read.text


@pytest.mark.parametrize(
    "markup", [class_page(school(3)), student_page(view(chapter()))], ids=["class", "student"]
)
def test_a_page_fetches_nothing(markup):
    """No address of any other place, and a policy that forbids it."""
    read = Page(markup)
    links = read.values("href") + read.values("src")
    assert not [link for link in links if ":" in link or link.startswith("//")]
    assert "default-src 'none'" in "".join(read.values("content"))
    assert "url(" not in "".join(read.styles)
    assert "@import" not in "".join(read.styles)


# -- accessible ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "markup", [class_page(school(9)), student_page(view(chapter()))], ids=["class", "student"]
)
def test_a_page_can_be_heard(markup):
    """Language, one first heading, no level skipped, captions, scopes, unique ids, names of regions."""
    read = Page(markup)
    assert read.values("lang") == ["en"]
    levels = [int(tag[1]) for tag in read.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert read.tags.count("caption") == read.tags.count("table")
    assert read.tags.count("th") == len(read.values("scope"))
    assert not [name for name, count in Counter(read.values("id")).items() if count > 1]
    ids = set(read.values("id"))
    assert all(word in ids for value in read.values("aria-labelledby") for word in value.split())
    assert all(link[1:] in ids for link in read.values("href") if link.startswith("#"))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground(scheme):
    """WCAG AA, 4.5 to 1, for every pair that the pages use, in both schemes."""
    sets = re.findall(r":root \{(.*?)\}", (TEMPLATES / "page.css").read_text(), re.S)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", sets[0]))
    if scheme:
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", sets[1]))
    pairs = [
        ("ink", "paper"),
        ("ink", "page"),
        ("soft", "paper"),
        ("soft", "page"),
        ("link", "paper"),
        ("unsure", "paper"),
    ]
    pairs += [(mood, f"{mood}-wash") for mood in ("good", "bad", "unsure")]
    pairs += [(text, f"{mood}-wash") for mood in ("good", "bad", "unsure") for text in ("ink", "unsure")]
    for text, ground in pairs:
        one, other = sorted((luminance(colours[text]), luminance(colours[ground])))
        assert (other + 0.05) / (one + 0.05) >= 4.5, (text, ground)
