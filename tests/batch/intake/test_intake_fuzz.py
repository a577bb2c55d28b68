"""Whatever bytes stand where a listing should: they are refused in words, or read, and never crash us."""

from __future__ import annotations

import string
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from school import make_kata

from grader.errors import BadInput
from grader.intake import read_intake, read_roster
from grader.intake.typed_text import typed_text

KATAS = [make_kata(4, "gather_readings", "read_all")]
SOURCE = b"async def read_all(names): ...\n"
YAML = st.text(alphabet=":-!&*?|>[]{}#%@'\", \n0123456789abefnrsuty/.~<=", max_size=120)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["users", "assignment", "created_at", "due_date", "id", "email"]), inner
        )
    ),
    max_leaves=12,
)
fuzzed = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(files: dict[str, bytes], roster: bytes | None = None) -> None:
    """Reads these files; only BadInput is allowed."""
    with TemporaryDirectory() as name:
        root = Path(name) / "root"
        for inner, content in files.items():
            path = root / inner
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        people = None
        if roster is not None:
            people = Path(name) / "roster.csv"
            people.write_bytes(roster)
        with suppress(BadInput):
            read_intake(root, KATAS, roster=people)


@fuzzed
@given(st.binary(max_size=200) | YAML.map(str.encode))
@example(b"s: {:created_at: 0001-01-01 00:00:00 +23:59, :submitters: [{:sid: 1}]}")
@example(b"s: {:created_at: 9999-12-31 23:59:59 -23:59, :submitters: [{:sid: 1}]}")
@example(b"s: {? !ruby/array:A [1] : 2}")
@example(b"s: {:submitters: [{:sid: " + b"9" * 5000 + b"}]}")
@example(b"a: &a [*a, *a]")
@example(b"? {? [1] : 2} : 3")
@example(b"s: {:submitters: [[], 3, {:name: [1]}]}")
def test_gradescopes_listing_may_be_anything(listing):
    """YAML of every kind and of none."""
    read({"submission_metadata.yml": listing, "s/04.py": SOURCE})


@fuzzed
@given(st.binary(max_size=100) | JSON.map(str).map(str.encode))
@example(b"[" * 100_000)
@example(b'{"created_at": "2026-01-01", "assignment": {"due_date": "2026-01-01T00:00:00+01:00"}}')
@example(b'{"created_at": 5, "assignment": [], "users": {"id": 1}}')
def test_gradescopes_container_may_say_anything(metadata):
    """JSON of every shape and of none."""
    read({"submission_metadata.json": metadata, "submission/04.py": SOURCE})


CSV = st.text(alphabet=string.ascii_letters + '",;\t\r\n\0\u00e9 =@', max_size=120).map(str.encode)


@fuzzed
@given(st.binary(max_size=100) | CSV)
@example(b"github_username,roster_identifier,student_repository_name,submission_timestamp\n" + b"a" * 200_000)
@example(b"id,name\n" + b"x" * 200_000 + b",y\n")
@example(b"\xff\xfei\0d\0\n\0x")
def test_a_roster_may_be_anything(roster):
    """As a roster, and lying beside clones as Classroom's own list might."""
    read({"alice/04.py": SOURCE}, roster)
    read({"w-submissions/w-alice/04.py": SOURCE, "w-submissions/grades.csv": roster})


@fuzzed
@given(st.binary(max_size=300))
def test_a_typed_answer_may_be_anything(page):
    """There is always some text left, in UTF-8."""
    typed_text(page).decode()


@pytest.mark.parametrize("heading", ["a,b", "", "\n\n"])
def test_a_roster_that_says_nothing_is_refused(tmp_path, heading):
    """With what its first row should be."""
    (tmp_path / "roster.csv").write_text(heading)
    with pytest.raises(BadInput, match="id,name,email,section"):
        read_roster(tmp_path / "roster.csv")


def test_a_roster_with_one_id_twice_is_refused(tmp_path):
    """It could not say whose a hand-in is."""
    (tmp_path / "roster.csv").write_text("id,name\n1,A\n1,B\n")
    with pytest.raises(BadInput, match="the id '1' twice"):
        read_roster(tmp_path / "roster.csv")


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("First name;Surname;Email address\nJane;Doe;j@x.org\n", ("j@x.org", "Jane Doe")),
        ("Identifier,Full name\nParticipant 501,Jane Doe\n", ("501", "Jane Doe")),
        ('Student,ID,SIS User ID,SIS Login ID,Section\n"Doe, Jane",7,s,j,A\n', ("7", "Doe, Jane")),
        ("\ufeffid\tname\n1\tJane\n", ("1", "Jane")),
        ("sep=;\r\nid;name\r\n1;Doe, Jane\r\n", ("1", "Doe, Jane")),
        ('\ufeff"sep=\t"\nid\tname\n1\tDoe, Jane\n', ("1", "Doe, Jane")),
        ("ID,Vollst\u00e4ndiger Name,E-Mail-Adresse\nTeilnehmer/in201,Jane Doe,j@x\n", ("201", "Jane Doe")),
        ("ID;Vollst\u00e4ndiger Name;Status\nTeilnehmer/in 201;Jane Doe;-\n", ("201", "Jane Doe")),
        ("Tunnus,Nimi,Posti\nOsallistuja 501,Jane Doe,j@x.org\n", ("501", "Jane Doe")),
        ("Nachname;Vorname;Matrikelnummer\nDoe;Jane;0042\n", ("0042", "Jane Doe")),
        ("id,name\ns-1,Jane Doe\n", ("s-1", "Jane Doe")),
        ("id,name\nstudent1,Jane Doe\n", ("student1", "Jane Doe")),
    ],
)
def test_rosters_of_every_system_are_read_as_they_were_downloaded(tmp_path, text, who):
    """Headings, delimiters, marks and numbers of participants."""
    (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
    (student,) = read_roster(tmp_path / "roster.csv").students
    assert (student.id, student.name) == who


def test_two_people_of_one_name_are_never_mixed_up(lay_out, tmp_path):
    """The name names neither, so the hand-in keeps the system's own id and is reported."""
    (tmp_path / "roster.csv").write_text("id,name\n1,Jane Doe\n2,Jane Doe\n")
    root = lay_out({"doejane_101_9001_gather_readings.py": SOURCE}, packed=True)
    intake = read_intake(root, KATAS, roster=tmp_path / "roster.csv")
    assert intake.handins[0].student.id == "101"
    (problem,) = intake.problems
    assert (problem.path, problem.why) == ("doejane (101)", "fits two on the roster: 1, 2")
