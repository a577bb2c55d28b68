"""One member of a class who chooses names and content at will changes nobody else's mark, in any format.

A class is laid out twice: as honest people hand in, and with a hostile member among them. What is read of
everybody else is the same, or the run ends and asks what the format is; with `--input` it never ends.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from school import make_kata

from grader.errors import BadInput
from grader.intake import Intake, read_intake

KATAS = [make_kata(4, "gather_readings", "read_all"), make_kata(9, "timeouts", "fetch")]
NAMES = ["Alice Abel", "Bob Brand", "Cora Müller"]
LOGINS = ["alice", "bob", "cora-m"]
CSV_HEAD = (
    "assignment_name,assignment_url,starter_code_url,github_username,roster_identifier,"
    "student_repository_name,student_repository_url,submission_timestamp,points_awarded,points_available\n"
)
LISTING = ":submitters:\n  - :name: Alice Abel\n    :sid: '101'\n    :email: alice@x.org\n"
EVIL = "# evil\nasync def read_all(names): ...\n"

Files = dict[str, str]


@dataclass(frozen=True)
class Evil:
    """What the hostile member chooses: a login, and files by name."""

    login: str = "mallory"
    files: Mapping[str, str] = field(default_factory=lambda: {"gather_readings.py": EVIL})


def honest(number: int) -> Files:
    return {"gather_readings.py": f"# {LOGINS[number]}\n", "notes/readme.txt": "x"}


# -- the formats: (files of the class, what to read it as, roster) ---------------------------------
@dataclass(frozen=True)
class Format:
    lay_out: Callable[[int, Evil | None], Files]
    name: str
    roster: str = ""
    pattern: str | None = None
    root: str = "class"
    takes_folders: bool = True
    """Whether what a student hands in may have folders."""
    has_logins: bool = True
    """Whether a student's login stands in a name that is read."""


def plain(size: int, evil: Evil | None) -> Files:
    files = {f"{LOGINS[n]}/{name}": text for n in range(size) for name, text in honest(n).items()}
    return files | ({f"{evil.login}/{name}": text for name, text in evil.files.items()} if evil else {})


def loose(size: int, evil: Evil | None) -> Files:
    files = {f"{LOGINS[n]}.py": f"# {LOGINS[n]}\nasync def read_all(n): ...\n" for n in range(size)}
    return files | ({f"{evil.login}.py": EVIL} if evil else {})


def canvas(size: int, evil: Evil | None) -> Files:
    people = ["abelalice_101", "brandbob_102", "müllercora_LATE_103"]
    files = {f"{people[n]}_{9000 + n}_gather_readings.py": f"# {LOGINS[n]}\n" for n in range(size)}
    return files | (
        {f"mmallory_666_{place}_{name}": text for place, (name, text) in _flat(evil)} if evil else {}
    )


def moodle(size: int, evil: Evil | None) -> Files:
    files = {
        f"{NAMES[n]}_{101 + n}_assignsubmission_file_/{name}": text
        for n in range(size)
        for name, text in honest(n).items()
    }
    home = "M Mallory_666_assignsubmission_file_"
    return files | ({f"{home}/{name}": text for name, text in evil.files.items()} if evil else {})


def moodle_flat(size: int, evil: Evil | None) -> Files:
    files = {
        f"{NAMES[n]}_{101 + n}_assignsubmission_file_gather_readings.py": f"# {LOGINS[n]}\n"
        for n in range(size)
    }
    home = "M Mallory_666_assignsubmission_file_"
    return files | ({home + name: text for _, (name, text) in _flat(evil)} if evil else {})


def gradescope(size: int, evil: Evil | None) -> Files:
    listing, files = "", {}
    for n in range(size):
        listing += f"submission_{n}:\n  :submitters:\n  - :name: {NAMES[n]}\n    :sid: '{101 + n}'\n"
        files |= {f"submission_{n}/{name}": text for name, text in honest(n).items()}
    if evil:
        listing += "submission_66:\n  :submitters:\n  - :name: M Mallory\n    :sid: '666'\n"
        files |= {f"submission_66/{name}": text for name, text in evil.files.items()}
    return files | {"submission_metadata.yml": listing}


def clones(size: int, evil: Evil | None) -> Files:
    files = {f"w1-{LOGINS[n]}/{name}": text for n in range(size) for name, text in honest(n).items()}
    return files | ({f"w1-{evil.login}/{name}": text for name, text in evil.files.items()} if evil else {})


def clones_with_csv(size: int, evil: Evil | None) -> Files:
    people = [(f"{101 + n}", LOGINS[n]) for n in range(len(LOGINS))] + ([("", evil.login)] if evil else [])
    rows = [f'W,,,"{login}",{id},"w1-{login}",,2026-03-01 10:00:00 UTC,0,10\n' for id, login in people]
    return clones(size, evil) | {"grades.csv": CSV_HEAD + "".join(rows)}


def by_pattern(size: int, evil: Evil | None) -> Files:
    return {f"hw/{path}": text for path, text in plain(size, evil).items()}


def _flat(evil: Evil) -> enumerate[tuple[str, str]]:
    return enumerate((name.replace("/", "_"), text) for name, text in evil.files.items())


BY_NUMBER = (
    "id,name,email\n101,Alice Abel,alice@x.org\n102,Bob Brand,b@x.org\n103,Cora Müller,\n666,M Mallory,\n"
)
BY_LOGIN = "id,name\nalice,Alice Abel\nbob,Bob Brand\ncora-m,Cora Müller\n"
WITH_LOGINS = "id,name,login\n101,Alice Abel,alice\n102,Bob Brand,bob\n103,Cora Müller,cora-m\n"
FORMATS = {
    "plain": Format(plain, "plain"),
    "plain-roster": Format(plain, "plain", BY_LOGIN),
    "loose": Format(loose, "plain"),
    "loose-roster": Format(loose, "plain", BY_LOGIN),
    "canvas": Format(canvas, "canvas", has_logins=False, takes_folders=False),
    "canvas-roster": Format(canvas, "canvas", BY_NUMBER, has_logins=False, takes_folders=False),
    "moodle": Format(moodle, "moodle", has_logins=False),
    "moodle-roster": Format(moodle, "moodle", BY_NUMBER, has_logins=False),
    "moodle-flat": Format(moodle_flat, "moodle", has_logins=False, takes_folders=False),
    "moodle-flat-roster": Format(moodle_flat, "moodle", BY_NUMBER, has_logins=False, takes_folders=False),
    "gradescope": Format(gradescope, "gradescope", has_logins=False),
    "gradescope-roster": Format(gradescope, "gradescope", BY_NUMBER, has_logins=False),
    "clones": Format(clones, "classroom", root="w1-submissions"),
    "clones-roster": Format(clones, "classroom", WITH_LOGINS, root="w1-submissions"),
    "clones-csv": Format(clones_with_csv, "classroom", root="w1-submissions"),
    "clones-csv-anywhere": Format(clones_with_csv, "classroom"),
    "pattern": Format(by_pattern, "pattern", pattern=r"hw/(?P<student>[^/]+)/"),
    "pattern-loose": Format(by_pattern, "pattern", BY_LOGIN, pattern=r"hw/(?P<student>[\w-]+)/"),
}

# -- what a hostile member may choose --------------------------------------------------------------
PIECES = [
    "x_1_assignsubmission_file_notes.txt",
    "Alice Abel_101_assignsubmission_file_gather_readings.py",
    "Alice Abel_101_assignsubmission_file_",
    "abelalice_101_9000_gather_readings.py",
    "abelalice_LATE_101_9000_gather_readings-1.py",
    "_101_9000_gather_readings-99.py",
    "submission_metadata.yml",
    "submission_metadata.json",
    "submission",
    "submission_0",
    "assignment_7_export",
    "w1-submissions",
    "x-submissions",
    "w1-alice",
    "alice",
    "alice.py",
    "Alice Abel",
    "101",
    "hw",
    "grades.csv",
    "gather_readings.py",
    "alice_04_gather_readings.py",
    "04_gather_readings",
    "../alice",
    "..",
    "alice.zip",
    "conftest.py",
    ".hidden.py",
    "a\\b.py",
]
CONTENTS = [
    EVIL,
    "",
    f"submission_0:\n  {LISTING}submission_66:\n  {LISTING}mallory:\n  {LISTING}alice:\n  {LISTING}",
    '{"users": [{"id": 1, "name": "Alice Abel", "email": "alice@x.org"}]}',
    CSV_HEAD + "W,,,mallory,101,w1-alice,,,0,10\nW,,,alice,666,w1-mallory,,,0,10\n",
]
NOT_ONES_OWN = {*LOGINS, "", ".", ".."}
LOGINS_TO_CHOOSE = [
    "mallory",
    *(
        "x-submissions",
        "w1-submissions",
        "w1",
        "w1-alice",
        "submission",
        "submission_0",
        "assignment_7_export",
    ),
    *("101", "102", "666", "lms-101", "github-101", "hw", "hw/alice", "class", "venv", ".alice", "a-alice"),
    *(
        "ALICE",
        "AlicE",
        "alice-1",
        "alice.py",
        "alice~",
        "alice@x.org",
        "cora",
        "cora_m",
        "cora-m ",
        "caf\\xe9",
    ),
    *("Alice Abel", "alice abel", "Abel, Alice", unicodedata.normalize("NFD", "cora-é")),
    *("alice_04_gather_readings", "alice_gather_readings", "alice_kata4", "04_gather_readings"),
    *("bob_LATE_102_1_x", "x_1_assignsubmission_file_", "Alice Abel_101_assignsubmission_file"),
    "abelalice_101_9000_x.py",
]
logins = st.sampled_from(LOGINS_TO_CHOOSE)
paths = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("/".join)
evils = st.builds(
    Evil,
    login=logins,
    files=st.dictionaries(paths, st.sampled_from(CONTENTS), max_size=4),
)


def others(intake: Intake, ids: set[str]) -> dict[str, list[tuple[str, bytes, bool]]]:
    """What is read of these people: by id, all that counts, the newest last."""
    read: dict[str, list[tuple[str, bytes, bool]]] = {}
    for handin in intake.handins:
        if handin.student.id in ids:
            told = (handin.slug, handin.submission.source, handin.late)
            read.setdefault(handin.student.id, []).append(told)
    return read


def missing(intake: Intake) -> list[str]:
    return [student.id for student in intake.missing if student.id != "666"]


def lines(intake: Intake, ids: set[str]) -> list[str]:
    """The problems of these people."""
    return sorted(f"{item.path}: {item.why}" for item in intake.problems if item.student_id in ids)


def read(kind: Format, files: Files, folder: Path, packed: bool, layout: str | None) -> Intake:
    root = folder / kind.root
    roster = folder / "roster.csv"
    roster.write_text(kind.roster, encoding="utf-8")
    if packed:
        root = folder / f"{kind.root}.zip"
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path, text in files.items():
                archive.writestr(zipfile.ZipInfo(path, (2026, 3, 1, 12, 0, 0)), text)
        root.write_bytes(buffer.getvalue())
    else:
        for path, text in files.items():
            place = root / path
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text)
            except OSError:  # a file where a folder should be: nobody can hand that in
                continue
    return read_intake(
        root,
        KATAS,
        layout=None if kind.pattern else layout,
        pattern=kind.pattern,
        roster=roster if kind.roster else None,
    )


def is_possible(kind: Format, evil: Evil, packed: bool) -> bool:
    """Whether anybody can hand this in so: a disk has no `..`, and a login is one's own."""
    parts = [part for path in evil.files for part in path.split("/")]
    if not packed and ".." in parts:
        return False
    return not (kind.has_logins and evil.login in NOT_ONES_OWN)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(evil=evils, size=st.integers(1, 3), packed=st.booleans(), is_asked=st.booleans())
@example(Evil(files={"x_1_assignsubmission_file_notes.txt": ""}), 2, False, False)
@example(Evil(files={"submission_metadata.yml": CONTENTS[2]}), 2, True, False)
@example(Evil(login="x-submissions", files={"x-alice/gather_readings.py": EVIL}), 2, False, False)
@example(Evil(files={PIECES[1]: EVIL}), 2, True, True)
@example(Evil(login="102", files={"gather_readings.py": EVIL}), 1, True, True)
def test_nobody_else_is_touched_by_what_a_student_chooses(name, evil, size, packed, is_asked):
    kind = FORMATS[name]
    if not is_possible(kind, evil, packed):
        return
    layout = kind.name if is_asked else None
    with TemporaryDirectory() as folder:
        clean = Path(folder) / "clean"
        clean.mkdir()
        before = read(kind, kind.lay_out(size, None), clean, packed, layout)
        ids = {handin.student.id for handin in before.handins}
        assert len(ids) == size
        touched = Path(folder) / "touched"
        touched.mkdir()
        try:
            after = read(kind, kind.lay_out(size, evil), touched, packed, layout)
        except BadInput as refusal:
            assert not is_asked, "with --input nothing ends a run"
            assert not kind.pattern
            assert "--input" in str(refusal)
            return
    assert others(after, ids) == others(before, ids)
    assert lines(after, ids) == lines(before, ids)
    own = {"mallory", evil.login, f"github-{evil.login}"}
    assert set(missing(after)) - own == set(missing(before)) - own
    assert after.format == before.format
