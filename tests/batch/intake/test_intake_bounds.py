"""What one student may cost is bounded, and what is over the bound is told."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile

import pytest

from grader.errors import BadInput
from grader.intake import bounds, read_intake
from grader.intake.bounds import ATTEMPTS, ENTRIES, LINES
from grader.intake.handins import SOURCE_BYTES
from grader.intake.typed_text import typed_text

GOOD = "async def read_all(names):\n    return names\n"


def test_a_zip_of_very_many_answers_becomes_few_judgements(lay_out, katas):
    """Answers of 1 MB that pack well: the newest are taken, and not all are read."""
    answer = GOOD + "#" * (SOURCE_BYTES - 100)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(150):
            archive.writestr(f"gather_readings_{number}.py", f"# {number}\n{answer}")
    root = lay_out({"alice/04.py": GOOD, "mallory/all.zip": inner.getvalue()})
    tracemalloc.start()
    try:
        intake = read_intake(root, katas)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    counts = [item.student.id for item in intake.handins]
    assert (counts.count("alice"), counts.count("mallory")) == (1, ATTEMPTS)
    assert peak < 3 * bounds.STUDENT_BYTES
    assert any("not judged: of more answers" in problem.why for problem in intake.problems)
    assert len([problem for problem in intake.problems if problem.student_id == "mallory"]) <= LINES + 1


def test_of_too_many_answers_the_newest_count(lay_out, katas):
    files = {f"doejane_101_{number}_gather_readings-{number}.py": f"# {number}\n" for number in range(1, 31)}
    intake = read_intake(lay_out(files, packed=True), katas)
    assert [item.newness[1] for item in intake.handins] == list(range(11, 31))


@pytest.mark.parametrize("packed", [False, True])
def test_very_many_files_of_one_student_cost_the_others_nothing(lay_out, katas, packed):
    """Those first by their paths are looked at; the rest is a line."""
    many = {f"mallory/data/{number:05}.txt": "" for number in range(ENTRIES + 50)}
    root = lay_out({"alice/04.py": GOOD, "mallory/04.py": GOOD, "zoe/04.py": GOOD, **many}, packed=packed)
    intake = read_intake(root, katas)
    assert [item.student.id for item in intake.handins] == ["alice", "mallory", "zoe"]
    (problem,) = intake.problems
    assert problem.path.startswith("mallory/data/0")
    assert problem.why == bounds.TOO_MUCH


def test_a_students_problem_lines_are_five_and_a_count(lay_out, katas):
    """A person reads them; others' lines are not lost among them."""
    files = {f"mallory/things_{number}.py": "x = 1" for number in range(40)}
    intake = read_intake(lay_out({"zoe/things.py": "x = 1", **files}), katas)
    of_mallory = [problem for problem in intake.problems if problem.student_id == "mallory"]
    assert len(of_mallory) == LINES + 1
    assert (of_mallory[-1].why, of_mallory[-1].more) == ("and 35 more problems", 35)
    assert [problem.path for problem in intake.problems if problem.student_id == "zoe"] == ["zoe/things.py"]


def test_a_line_is_not_as_long_as_a_student_likes(lay_out, katas):
    deep = "/".join(["d" * 200] * 15)
    (problem,) = read_intake(lay_out({f"mallory/{deep}/things.py": "x = 1"}), katas).problems
    assert len(problem.path) <= bounds.LINE_LENGTH + 10


@pytest.mark.parametrize("packed", [False, True])
def test_yaml_of_a_student_is_not_read(lay_out, katas, packed):
    """3 MB of it took a minute; a listing lies at the root."""
    files = {"alice/04.py": GOOD, "mallory/submission_metadata.yml": "- {a: [b, c], d: e}\n" * 150_000}
    started = time.process_time()
    assert read_intake(lay_out(files, packed=packed), katas).format == "plain"
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "inside",
    [
        "    a: {b: [c, d], e: 'f'}\n" * 100_000,
        "    " + "[" * 3_000_000,
        "    a: &a [x, x]\n" + "    b: [*a, *a, *a]\n" * 150_000,
        "    ? " + "x" * 3_000_000 + "\n",
    ],
    ids=["values", "nested", "aliases", "key"],
)
def test_a_listing_that_quotes_much_of_students_is_read_in_seconds(lay_out, katas, inside):
    """Gradescope's own quotes what programs printed."""
    listing = "submission_1:\n  :submitters:\n  - :name: A\n    :sid: '7'\n  :results:\n" + inside
    root = lay_out({"submission_metadata.yml": listing, "submission_1/04.py": GOOD})
    started = time.process_time()
    try:
        assert [item.student.id for item in read_intake(root, katas).handins] == ["7"]
    except BadInput as refusal:
        assert "submission_metadata.yml" in str(refusal)
    assert time.process_time() - started < 15


@pytest.mark.parametrize(
    "page",
    [
        "<script>" * 130_000,
        "<head><style>" * 70_000,
        "</script  " * 100_000,
        "<br " * 250_000 + ">",
        "<" * 1_000_000,
        "<!" * 500_000,
        "&#" + "9" * 6_000 + ";",
        "&" * 1_000_000,
    ],
    ids=lambda page: page[:8],
)
def test_a_typed_answer_is_read_in_the_time_of_its_length(page):
    """Whatever is opened and never closed; a character with a number of 6,000 digits is none."""
    started = time.process_time()
    typed_text(page.encode())
    assert time.process_time() - started < 3


def test_a_typed_answer_loses_its_tags_and_nothing_else():
    page = b"<head><title>x</title></HEAD ><p>def f(n):</p><P>&nbsp; return n &lt; 3 < 4</P><br/>"
    page += b"# a<b>b</b><hr>c"
    assert typed_text(page) == b"def f(n):\n  return n < 3 < 4\n\n# abc\n"


def test_a_listing_that_is_too_large_is_refused(lay_out, katas):
    root = lay_out({"submission_metadata.yml": "#" * (17 * 1024 * 1024), "submission_1/04.py": GOOD})
    with pytest.raises(BadInput, match=r"submission_metadata\.yml is larger than 16 MB"):
        read_intake(root, katas)


def test_a_zip_of_very_deep_paths_is_told_and_cheap(lay_out, katas):
    """Its paths' beginnings alone would be a gigabyte."""
    root = lay_out({"alice/04.py": GOOD, "mallory/" + "é/" * 15_000 + "04.py": GOOD}, packed=True)
    intake = read_intake(root, katas)
    assert [item.student.id for item in intake.handins] == ["alice"]
    assert "deeper than 30" in intake.problems[0].why
