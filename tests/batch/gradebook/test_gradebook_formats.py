"""Every system reads back what was written for it, and nothing that a student wrote becomes a command."""

from __future__ import annotations

import csv
import io
import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from fake_judge import judgement
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from school import make_kata

from grader.errors import BadInput
from grader.export import EXPORTERS, ExportOptions
from grader.export.cells import Sheet
from grader.export.names import folder_names
from grader.export.tables import safe
from grader.export.wording import printable
from grader.grading.keys import Key, error_judgement
from grader.grading.marks import Ledger, Mark
from grader.grading.store import Attempt
from grader.intake import Student, read_roster
from grader.records import Submission, Verdict

SAMPLES = Path(__file__).parent.parent / "samples"
GATHER, TIMEOUTS = make_kata(4, "gather_readings"), make_kata(9, "timeouts")
CELLS = st.text(alphabet='",;\n\tab\u00e9 ', max_size=6)
EVIL = "=cmd|'/C calc'!A1\x1b[2J\n::set-env name=X::y\n<script>alert(1)</script>"


def mark(
    student: str, kata=GATHER, *, accepted: bool, worth: float = 5, error: bool = False, evil: bool = False
) -> Mark:
    """A mark of a judgement by the fake judge."""
    source = Submission(source=f"{student} {accepted}".encode(), filename="04.py")
    made = judgement(kata, source, accepted=accepted)
    if error:
        made = error_judgement(Key.of(made), kata.number, kata.title, "it died")
    if evil:
        checks = tuple(replace(check, rationale=EVIL, title=EVIL) for check in made.checks)
        made = replace(made, checks=checks)
    attempt = Attempt(
        student_id=student,
        slug=kata.slug,
        sha256=source.sha256,
        filename="04.py",
        source_path=f"{student}/04.py",
        submitted_at=None,
        late=False,
        newness=(0.0, 0, 0),
    )
    points = None if error else worth * made.points / made.max_points
    return Mark(
        student_id=student,
        slug=kata.slug,
        attempt=attempt,
        attempts=1,
        judgement=made,
        raw=made.points,
        max_raw=made.max_points,
        worth=worth,
        points=points,
    )


def make(students: list[Student], *marks: Mark) -> Ledger:
    katas = tuple(kata for kata in (GATHER, TIMEOUTS) if any(item.slug == kata.slug for item in marks))
    return Ledger(
        katas=katas, students=tuple(students), marks={(item.student_id, item.slug): item for item in marks}
    )


@pytest.fixture
def ledger() -> Ledger:
    """Jane: all of one kata, a third of the other. Max: an error of ours. Zoe: nothing."""
    return make(
        [
            Student(id="s-1", name="Doe, Jane", email="jane@x.org", section="A", lms_id="501"),
            Student(id="s-2", name="Max Roe", lms_id="502"),
            Student(id="s-3", name="Zoe Yu"),
        ],
        mark("s-1", accepted=True),
        mark("s-1", TIMEOUTS, accepted=False),
        mark("s-2", accepted=False, error=True),
    )


@pytest.fixture
def evil() -> Ledger:
    """A student whose name and whose program's words are all attacks."""
    return make([Student(id=EVIL, name=EVIL, lms_id="501")], mark(EVIL, accepted=False, evil=True))


def write(name: str, ledger: Ledger, out: Path, **given: object) -> tuple[list[Path], tuple[str, ...]]:
    written = EXPORTERS[name].write(ledger, out, ExportOptions(**given))
    return list(written.paths), written.notes


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))


# -- CSV -------------------------------------------------------------------------------------------
def test_the_wide_table_has_a_row_per_student_and_a_column_per_kata(ledger, tmp_path):
    """An empty cell is no zero."""
    ((path,), _) = write("csv", ledger, tmp_path)
    assert rows(path) == [
        ["Student ID", "Name", "Email", "Section", "04_gather_readings", "09_timeouts", "Total"],
        ["Points possible", "", "", "", "5", "5", "10"],
        ["s-1", "Doe, Jane", "jane@x.org", "A", "5", "1.67", "6.67"],
        ["s-2", "Max Roe", "", "", "", "", ""],
        ["s-3", "Zoe Yu", "", "", "", "", "0"],
    ]


def test_the_long_table_has_a_row_per_check(ledger, tmp_path):
    """With the seed that reproduces it and the isolation that was in force."""
    ((path,), _) = write("csv-long", ledger, tmp_path)
    table = [dict(zip(rows(path)[0], row, strict=True)) for row in rows(path)[1:]]
    assert len(table) == 5
    failed = next(row for row in table if row["verdict"] == "NOT_CONCURRENT")
    assert (failed["kata"], failed["check"], failed["line"]) == ("09_timeouts", "test_overlap", "2")
    assert (failed["misconception"], failed["seed"], failed["isolation"]) == (
        "awaited_in_a_loop",
        "1",
        "full",
    )


@pytest.mark.parametrize("name", ["csv", "csv-long"])
def test_no_cell_is_a_formula(evil, tmp_path, name):
    """Whatever a student is called and whatever their program says."""
    ((path,), _) = write(name, evil, tmp_path)
    cells = [cell for row in rows(path) for cell in row]
    assert any("'=cmd" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert "\x1b" not in path.read_text()


@given(st.text())
def test_a_safe_cell_never_starts_a_formula_and_loses_nothing_visible(text):
    """The quote in front is all that is added to text of letters."""
    cell = safe(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert cell.removeprefix("'").endswith(printable(text).removeprefix("'"))


# -- Canvas ----------------------------------------------------------------------------------------
def canvas_ledger() -> Ledger:
    """The class as Canvas's own gradebook export, given as the roster, tells it."""
    roster = read_roster(SAMPLES / "canvas_gradebook.csv")
    return make(list(roster.students), mark("101", accepted=True), mark("102", TIMEOUTS, accepted=False))


def test_canvas_gets_back_its_own_columns_and_rows(tmp_path):
    """Every row of its export is there under the same ids; the test student and the points are not people."""
    ((path,), notes) = write("canvas", canvas_ledger(), tmp_path, assignments=("Week 1 (77)",))
    sample, ours = rows(SAMPLES / "canvas_gradebook.csv"), rows(path)
    assert ours[0] == sample[0]
    assert ours[1] == ["    Points Possible", "", "", "", "", "10"]
    assert [row[:5] for row in ours[2:]] == [row[:5] for row in sample[2:5]]
    assert [row[5] for row in ours[2:]] == ["5", "1.67", ""]
    assert not notes


def test_canvas_may_have_an_assignment_per_kata(tmp_path):
    """`slug=Title (id)`."""
    given_titles = ("gather_readings=Gather (7)", "timeouts=Timeouts (8)")
    ((path,), _) = write("canvas", canvas_ledger(), tmp_path, assignments=given_titles)
    assert [row[5:] for row in rows(path)] == [
        ["Gather (7)", "Timeouts (8)"],
        ["5", "5"],
        ["5", ""],
        ["", "1.67"],
        ["", ""],
    ]


@pytest.mark.parametrize("assignments", [(), ("Week 1",), ("(77)",), ("Week 1 (x)",)])
def test_canvas_is_never_given_a_title_that_it_would_make_an_assignment_of(tmp_path, assignments):
    """Its id is insisted on."""
    with pytest.raises(BadInput, match="assignment"):
        write("canvas", canvas_ledger(), tmp_path, assignments=assignments)


def test_canvas_leaves_out_who_it_does_not_know_and_says_so(ledger, tmp_path):
    """And refuses when that is everybody."""
    ((path,), notes) = write("canvas", ledger, tmp_path, assignments=("Week 1 (77)",))
    assert [row[1] for row in rows(path)[2:]] == ["501", "502"]
    assert notes == (
        "s-3 has no Canvas id and is left out",
        "s-2 gets no mark: gather_readings could not be judged",
    )
    with pytest.raises(BadInput, match="No student"):
        write("canvas", make([Student(id="a")], mark("a", accepted=True)), tmp_path, assignments=("W (7)",))


# -- Moodle ----------------------------------------------------------------------------------------
def filled(name: str, ledger: Ledger, out: Path) -> tuple[bytes, tuple[str, ...]]:
    shutil.copy(SAMPLES / name, out / name)
    ((path,), notes) = write("moodle", ledger, out / "filled", worksheet=out / name)
    return path.read_bytes(), notes


def test_the_moodle_worksheet_keeps_every_other_byte(ledger, tmp_path):
    """Mark, quotes, CRLF, other people's rows, a grade that we have no judgement for."""
    before = (SAMPLES / "moodle_en.csv").read_bytes()
    after, notes = filled("moodle_en.csv", ledger, tmp_path)
    comment = (
        '"04_gather_readings: ACCEPTED, 5 of 5 points.<br />09_timeouts: NOT_CONCURRENT, 1.67 of 5 points.'
        "<br />- All requests are in flight together NOT_CONCURRENT: One at a time: 1 &lt; 2 &amp; "
        '&lt;b&gt;never&lt;/b&gt; more. (line 2)"'
    )
    expected = before.replace(b'"Submitted for grading - ",,10.00', b'"Submitted for grading - ",6.67,10.00')
    assert after == expected.replace(b'AM",-,""', b'AM",-,' + comment.encode())
    assert notes == ("s-2 gets no mark: gather_readings could not be judged",)


def test_what_is_replaced_in_the_worksheet_is_counted(ledger, tmp_path):
    """Another grade, another comment; not the same grade once more, nor `-`."""
    sheet = (SAMPLES / "moodle_de.csv").read_bytes()
    (tmp_path / "sheet.csv").write_bytes(sheet.replace(b"abgegeben;;", b"abgegeben;3,00;"))
    _, notes = write("moodle", ledger, tmp_path / "one", worksheet=tmp_path / "sheet.csv")
    assert "1 row of the worksheet had another grade or comment, which is replaced" in notes
    (tmp_path / "sheet.csv").write_bytes(sheet.replace(b"abgegeben;;", b"abgegeben;6,670;"))
    _, notes = write("moodle", ledger, tmp_path / "two", worksheet=tmp_path / "sheet.csv")
    assert not any("replaced" in note for note in notes)


@pytest.mark.parametrize(
    ("student", "is_filled"),
    [
        (Student(id="501", name="Zoe Yu"), False),
        (Student(id="501", name="Jane Doe"), True),
        (Student(id="501"), True),
        (Student(id="501", name="Zoe Yu", email="Jane@X.org"), True),
        (Student(id="jane@x.org", name="J."), True),
    ],
)
def test_a_number_of_the_rosters_own_fills_no_row_of_another_name(tmp_path, student, is_filled):
    """Row 501 is Jane Doe's, jane@x.org."""
    after, notes = filled("moodle_en.csv", make([student], mark(student.id, accepted=True)), tmp_path)
    assert (b'"Submitted for grading - ",10,10.00' in after) == is_filled
    assert (f"{student.id} is not in the worksheet" in notes) != is_filled


def test_a_participants_number_goes_before_a_number_of_the_rosters_own(tmp_path):
    """Somebody else's id is 501, and comes first."""
    people = [Student(id="501", name="Jane D."), Student(id="s-1", name="Jane Doe", lms_id="501")]
    made = make(people, mark("501", accepted=False), mark("s-1", accepted=True))
    after, notes = filled("moodle_en.csv", made, tmp_path)
    assert b'"Submitted for grading - ",10,10.00' in after
    assert "501 is not in the worksheet" in notes


def test_a_german_worksheet_is_filled_with_german_numbers(ledger, tmp_path):
    """Headings, delimiter and decimal comma are the worksheet's own."""
    after, _ = filled("moodle_de.csv", ledger, tmp_path)
    assert b"abgegeben;6,67;10,00;" in after
    assert b"Keine Abgabe;;10,00;" in after, "what we could not judge stays empty"


def test_a_worksheet_in_an_unknown_language_is_filled_by_where_things_stand(ledger, tmp_path):
    """And scaled to the assignment's own maximum; comments are not guessed at."""
    after, notes = filled("moodle_fi.csv", ledger, tmp_path)
    before = (SAMPLES / "moodle_fi.csv").read_bytes()
    assert after == before.replace(b"Palautettu,,20.00", b"Palautettu,13.34,20.00")
    assert "no column of comments" in notes[-1]


def test_who_is_not_in_the_worksheet_is_said(ledger, tmp_path):
    """A grade that goes nowhere is no surprise later."""
    stranger = make([Student(id="zed", lms_id="777")], mark("zed", accepted=True))
    assert "zed is not in the worksheet" in filled("moodle_en.csv", stranger, tmp_path)[1]


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "Identifier,Grade\nParticipant 1,\n"])
def test_what_is_no_worksheet_is_refused(ledger, tmp_path, content):
    """Before anything is written."""
    (tmp_path / "sheet.csv").write_text(content)
    with pytest.raises(BadInput, match="does not look like"):
        write("moodle", ledger, tmp_path, worksheet=tmp_path / "sheet.csv")
    with pytest.raises(BadInput, match="its own worksheet"):
        write("moodle", ledger, tmp_path)


def test_the_instructors_worksheet_itself_is_never_overwritten(ledger, tmp_path):
    """Even when it lies where the filled one would."""
    shutil.copy(SAMPLES / "moodle_en.csv", tmp_path)
    ((path,), _) = write("moodle", ledger, tmp_path, worksheet=tmp_path / "moodle_en.csv")
    assert path.name == "filled-moodle_en.csv"
    assert (tmp_path / "moodle_en.csv").read_bytes() == (SAMPLES / "moodle_en.csv").read_bytes()


@settings(deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5), st.data())
def test_a_sheet_reads_what_csv_wrote_and_changes_only_what_it_was_told(table, data):
    """Python's own reader is the oracle, for any cells, either line end."""
    end = data.draw(st.sampled_from(["\r\n", "\n"]))
    table = [[cell.replace("\r", "").replace("\0", "") for cell in row] for row in table]
    table[0] = ["a", *["b"] * (len(table[0]) - 1)]
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows(table)
    raw = out.getvalue().encode(errors="replace")
    sheet = Sheet(raw)
    assert sheet.data() == raw
    read = list(csv.reader(io.StringIO(raw.decode(), newline="")))
    assert [[cell.value for cell in row] for row in sheet.rows] == read
    row = data.draw(st.integers(0, len(read) - 1))
    column = data.draw(st.integers(0, len(read[row]) - 1))
    value = (
        data.draw(st.text(max_size=5)).replace("\r", "").replace("\0", "").encode(errors="replace").decode()
    )
    sheet.replace(sheet.rows[row][column], value)
    read[row][column] = value
    assert list(csv.reader(io.StringIO(sheet.data().decode(), newline=""))) == read


# -- Gradescope ------------------------------------------------------------------------------------
def test_gradescope_gets_one_file_for_one_student(ledger, tmp_path):
    """The score is the sum of the tests'; all text is declared as text."""
    one = make(
        list(ledger.students[:1]), *(item for item in ledger.marks.values() if item.student_id == "s-1")
    )
    ((path,), _) = write("gradescope", one, tmp_path)
    result = json.loads(path.read_text())
    assert path == tmp_path / "results.json"
    assert result["score"] == 6.67
    assert sum(test["score"] for test in result["tests"]) == pytest.approx(6.67, abs=0.01)
    assert [test["status"] for test in result["tests"]] == ["passed", "passed", "passed", "failed"]
    assert [test["number"] for test in result["tests"]] == ["4.1", "4.2", "9.1", "9.2"]
    assert result["tests"][3]["tags"] == ["awaited_in_a_loop"]
    assert {test["output_format"] for test in result["tests"]} | {result["output_format"]} == {"text"}


def test_gradescope_never_gets_html_and_a_class_gets_a_folder_each(evil, ledger, tmp_path):
    """Names of folders are safe; a submission without any kata is told why."""
    two = make(list(ledger.students), mark("s-1", accepted=True), mark("s-2", accepted=False))
    paths, _ = write("gradescope", two, tmp_path / "class")
    assert [path.parent.name for path in paths] == ["s-1", "s-2"]
    ((path,), _) = write("gradescope", evil, tmp_path / "evil")
    assert '"html"' not in path.read_text()
    empty = Ledger(katas=(), students=(), marks={})
    ((path,), _) = write("gradescope", empty, tmp_path / "none")
    assert json.loads(path.read_text())["score"] == 0


# -- JUnit and lines -------------------------------------------------------------------------------
def test_junit_is_read_back_by_an_xml_reader_as_pytest_would_have_written_it(ledger, tmp_path):
    """The same elements and attributes as in pytest's own file."""
    ((path,), _) = write("junit", ledger, tmp_path)
    root = ET.parse(path).getroot()
    assert root.tag == "testsuites"
    jane, max_ = root
    assert {key: jane.get(key) for key in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "s-1",
        "tests": "4",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
    }
    failed = jane[3]
    assert (failed.get("classname"), failed.get("name"), failed.get("time")) == (
        "s-1.09_timeouts",
        "test_overlap",
        "2.000",
    )
    assert "04.py:2" in failed[0].text
    assert max_.get("errors") == "1"


def test_junit_has_pytests_attributes(tmp_path, ledger, pytester_file):
    """Compared with what this pytest writes."""
    theirs = ET.parse(pytester_file).getroot()
    ((path,), _) = write("junit", ledger, tmp_path)
    ours = ET.parse(path).getroot()
    assert set(ours[0].attrib) <= set(theirs[0].attrib)
    assert set(ours[0][0].attrib) == set(theirs[0][0].attrib)
    assert {case[0].tag for case in theirs[0] if len(case)} == {"failure"}


@pytest.fixture
def pytester_file(tmp_path: Path) -> Path:
    """A JUnit file that pytest wrote of one passing and one failing test."""
    import subprocess
    import sys

    (tmp_path / "test_it.py").write_text("def test_a(): pass\ndef test_b(): assert 0\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--junitxml=theirs.xml",
        "test_it.py",
    ]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=60)
    return tmp_path / "theirs.xml"


def test_junit_of_hostile_text_is_still_xml(evil, tmp_path):
    """Control characters are shown, brackets escaped."""
    ((path,), _) = write("junit", evil, tmp_path)
    assert b"\x1b" not in path.read_bytes()
    (suite,) = ET.parse(path).getroot()
    assert "<script>" in suite[1][0].text


def test_lines_are_json_with_the_object_of_kata_check(ledger, tmp_path):
    """One per student and kata."""
    ((path,), _) = write("jsonl", ledger, tmp_path)
    objects = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(item["student"], item["kata"]) for item in objects] == [
        ("s-1", "gather_readings"),
        ("s-1", "timeouts"),
        ("s-2", "gather_readings"),
    ]
    assert objects[1]["judgement"]["verdict"] == Verdict.NOT_CONCURRENT
    assert objects[2]["points"] is None


# -- names -----------------------------------------------------------------------------------------
@given(st.lists(st.text(min_size=1, max_size=80), unique=True, max_size=8))
def test_names_of_folders_are_safe_and_apart_on_every_system(ids):
    """No separators, no reserved names, no two alike but for case."""
    names = folder_names([Student(id=item) for item in ids])
    assert len({name.casefold() for name in names.values()}) == len(ids)
    for name in names.values():
        assert name not in ("", ".", "..")
        assert not set(name) & set('/\\:*?"<>|\0')
        assert name.casefold().split(".")[0] not in ("con", "nul", "aux", "com1")
