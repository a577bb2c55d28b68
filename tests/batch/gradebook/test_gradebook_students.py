"""What students get of their marks: one result for a group, no seeds, nothing of our own errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_judge import judgement
from msgspec.structs import replace
from school import make_kata

from grader.errors import BadInput
from grader.export import EXPORTERS, ExportOptions
from grader.export.formats.feedback import feedback_places
from grader.export.wording import check_reason, feedback
from grader.grading.marks import Ledger, Mark
from grader.grading.store import Attempt
from grader.intake import Student
from grader.records import Submission, Verdict

GATHER, TIMEOUTS = make_kata(4, "gather_readings"), make_kata(9, "timeouts")
SECRET = "/srv/course/suites/test_04.py, line 17: assert answers == [41, 42]"


def mark(student: str, *, points: float = 3, at: float = 0.0, source_path: str = "submission/04.py") -> Mark:
    source = Submission(source=b"x", filename="04.py")
    made = judgement(GATHER, source, accepted=points == 3)
    attempt = Attempt(
        student_id=student,
        slug=GATHER.slug,
        sha256=source.sha256,
        filename="04.py",
        source_path=source_path,
        submitted_at=None,
        late=False,
        newness=(at, 0, 0),
    )
    return Mark(
        student_id=student,
        slug=GATHER.slug,
        attempt=attempt,
        attempts=1,
        judgement=made,
        raw=made.points,
        max_raw=3,
        worth=3,
        points=points,
    )


def ledger(*marks: Mark) -> Ledger:
    students = tuple(Student(id=item.student_id) for item in marks)
    return Ledger(
        katas=(GATHER,), students=students, marks={(item.student_id, item.slug): item for item in marks}
    )


def broken() -> Mark:
    """A judgement in which the suite itself broke, with words that only an instructor may see."""
    made = judgement(
        GATHER, Submission(source=b"x", filename="04.py"), accepted=False, verdict=Verdict.JUDGE_ERROR
    )
    checks = tuple(replace(check, rationale=SECRET) for check in made.checks)
    return replace(mark("ann"), judgement=replace(made, checks=checks), points=None)


# -- groups ----------------------------------------------------------------------------------------
def test_one_submission_has_one_result_however_many_handed_it_in(tmp_path):
    """A container reads no other file; whose extension made the mark better, theirs is the group's."""
    group = ledger(mark("ann@x.org", points=2.5), mark("bob@x.org", points=3))
    written = EXPORTERS["gradescope"].write(group, tmp_path, ExportOptions(one_submission=True))
    assert [path.relative_to(tmp_path) for path in written.paths] == [Path("results.json")]
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]
    assert json.loads((tmp_path / "results.json").read_text())["score"] == 3


def test_one_submission_into_a_store_that_was_used_before_has_its_own_result(tmp_path):
    """The last one's, and not the best one's."""
    old_and_new = ledger(mark("ann", points=3, at=1.0), mark("bob", points=1, at=2.0))
    EXPORTERS["gradescope"].write(old_and_new, tmp_path, ExportOptions(one_submission=True))
    assert json.loads((tmp_path / "results.json").read_text())["score"] == 1


def test_one_submission_without_any_answer_has_a_result_that_says_so(tmp_path):
    empty = Ledger(katas=(), students=(Student(id="ann"), Student(id="bob")), marks={})
    EXPORTERS["gradescope"].write(empty, tmp_path, ExportOptions(one_submission=True))
    assert json.loads((tmp_path / "results.json").read_text())["score"] == 0


# -- seeds and errors of ours ----------------------------------------------------------------------
def test_no_student_is_told_a_seed(tmp_path):
    """From a seed and the suite's own words, arguments can be worked out."""
    one = mark("ann", points=1)
    checks = tuple(replace(check, seed=987654) for check in one.judgement.checks)
    one = replace(one, judgement=replace(one.judgement, seed=987654, checks=checks))
    for name in ("gradescope", "junit"):
        for path in EXPORTERS[name].write(ledger(one), tmp_path / name, ExportOptions()).paths:
            text = path.read_text()
            assert "987654" not in text, name
            assert "in flight together" in text, name
    assert "987654" not in feedback(GATHER, one)


def test_no_student_is_told_what_our_own_errors_quote(tmp_path):
    """Which may be a hidden suite and where it lies; the instructor is told in the long table."""
    for name in ("gradescope", "junit"):
        for path in EXPORTERS[name].write(ledger(broken()), tmp_path / name, ExportOptions()).paths:
            text = path.read_text()
            assert "/srv/course" not in text, name
            assert "no fault of yours" in text, name
    assert "/srv/course" not in feedback(GATHER, broken())
    assert check_reason(broken().judgement.checks[1]).startswith("JUDGE_ERROR: ")
    (path,) = EXPORTERS["csv-long"].write(ledger(broken()), tmp_path, ExportOptions()).paths
    assert "/srv/course" in path.read_text()


# -- what is refused early -------------------------------------------------------------------------
def test_most_formats_need_nothing_and_two_say_what_they_need():
    for name, book in EXPORTERS.items():
        if name not in ("canvas", "moodle"):
            book.validate(ExportOptions())
    with pytest.raises(BadInput, match="--assignment"):
        EXPORTERS["canvas"].validate(ExportOptions(katas=(GATHER,)))
    with pytest.raises(BadInput, match="--worksheet"):
        EXPORTERS["moodle"].validate(ExportOptions())


def test_a_worksheet_that_is_none_is_refused_without_any_marks(tmp_path):
    """Text of another kind, and no text at all."""
    for content in (b"a,b\n1,2\n", b"\xff\xfe\x00\xd8\x00"):
        (tmp_path / "sheet.csv").write_bytes(content)
        with pytest.raises(BadInput, match="worksheet"):
            EXPORTERS["moodle"].validate(ExportOptions(worksheet=tmp_path / "sheet.csv"))


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("Week 1", "is not an assignment"),
        ("gather_reading=Gather (7)", "Did you mean gather_readings="),
        ("4=(7)", "is not"),
    ],
)
def test_an_assignment_that_canvas_would_not_know_is_refused_without_any_marks(assignment, words):
    with pytest.raises(BadInput, match=words):
        EXPORTERS["canvas"].validate(ExportOptions(assignments=(assignment,), katas=(GATHER, TIMEOUTS)))


def test_a_column_of_a_kata_that_nobody_handed_in_is_empty_and_not_the_total(tmp_path):
    """`timeouts=...` names a kata also where the class has none of it; so does its number."""
    class_ = replace(ledger(mark("101")), students=(Student(id="101", lms_id="101"),))
    given = ExportOptions(
        assignments=("gather_readings=Gather (7)", "9=Timeouts (8)", "E=mc2 (9)"), katas=(GATHER, TIMEOUTS)
    )
    (path,) = EXPORTERS["canvas"].write(class_, tmp_path, given).paths
    heading, _, row = path.read_text().splitlines()
    assert heading.endswith("Gather (7),Timeouts (8),E=mc2 (9)")
    assert row.endswith(",3,,3")


# -- handing back ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("layout", "source", "place"),
    [
        ("canvas", "doejane_501_9001_04.py", "doejane_501_9001_feedback.html"),
        ("canvas", "doe_jane_LATE_501_9001_04-1.py", "doe_jane_LATE_501_9001_feedback.html"),
        ("canvas", "in/doejane_501_9001_all.zip!04.py", "doejane_501_9001_feedback.html"),
        ("canvas", "doejane_501_text.html", None),
        ("canvas", "van_der_doe_501_text.html", None),
        (
            "moodle",
            "Jane Doe_501_assignsubmission_file_/04.py",
            "Jane Doe_501_assignsubmission_file_/feedback.html",
        ),
        (
            "moodle",
            "Jane Doe_501_assignsubmission_file_04.py",
            "Jane Doe_501_assignsubmission_file_feedback.html",
        ),
        ("plain", "ann/04.py", "ann/feedback.html"),
    ],
)
def test_a_page_is_named_as_the_system_takes_it_back_or_left_out(layout, source, place):
    """Canvas knows a hand-in by the number of its attachment, which typed answers have not."""
    places = feedback_places(ledger(mark("ann", source_path=source)), layout)
    assert places.paths == ({"ann": place} if place else {})
    assert places.left_out == (() if place else ("ann",))


def test_who_both_typed_and_uploaded_is_handed_back_beside_the_upload():
    typed, uploaded = (
        mark("ann", source_path="doe_501_text.html"),
        mark("ann", source_path="doe_501_9001_09.py"),
    )
    both = Ledger(
        katas=(GATHER, TIMEOUTS),
        students=(Student(id="ann"),),
        marks={("ann", GATHER.slug): typed, ("ann", TIMEOUTS.slug): replace(uploaded, slug=TIMEOUTS.slug)},
    )
    assert feedback_places(both, "canvas").paths == {"ann": "doe_501_9001_feedback.html"}


def test_a_login_that_is_anothers_number_or_address_fills_no_row_of_theirs(tmp_path):
    """It is chosen by its owner; the worksheet's row 501 is Jane Doe's, jane@x.org."""
    thieves = [Student(id="501", lms_id="501", login="501"), Student(id="jane@x.org", name="M")]
    jane = Student(id="s1", name="Jane Doe", email="jane@x.org", lms_id="501")
    for thief in thieves:
        marks = {("s1", GATHER.slug): mark("s1", points=1), (thief.id, GATHER.slug): mark(thief.id, points=3)}
        both = Ledger(katas=(GATHER,), students=(thief, jane), marks=marks)
        sheet = Path(__file__).parents[1] / "samples" / "moodle_en.csv"
        (path,) = EXPORTERS["moodle"].write(both, tmp_path, ExportOptions(worksheet=sheet)).paths
        row = next(line for line in path.read_text().splitlines() if "jane@x.org" in line)
        assert ",3.33,10.00," in row
