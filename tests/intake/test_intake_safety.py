"""Archives and folders made to do harm cost themselves and nothing else."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from school import pack

from grader.errors import BadInput
from grader.intake import read_intake, zip_tree
from grader.intake.folder_tree import FolderTree
from grader.intake.tree import UnreadableError
from grader.intake.zip_tree import NotAZipError, ZipTree

GOOD = b"async def read_all(names):\n    return names\n"


def refusals(data: bytes) -> dict[str, str]:
    """What a zip's tree would not take, and why."""
    held = ZipTree(io.BytesIO(data), "a.zip")
    refused = {entry.path: entry.refused for entry in held.entries if entry.refused}
    return refused | {problem.path: problem.why for problem in held.problems}


def packed(info: zipfile.ZipInfo, content: bytes = GOOD) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(info, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/etc/04.py", "absolute"),
        ("C:/04.py", "absolute"),
        ("alice/../../04.py", "leads elsewhere"),
        ("../04.py", "leads elsewhere"),
        ("alice/./04.py", "leads elsewhere"),
        ("alice//04.py", "leads elsewhere"),
        ("C:\\alice\\04.py", "absolute"),
        ("\\\\server\\alice\\04.py", "absolute"),
        ("alice\\..\\..\\04.py", "leads elsewhere"),
    ],
)
def test_paths_that_lead_out_of_the_archive_are_refused(name, why):
    """Although nothing is ever written, what the path means is not guessed."""
    (reason,) = refusals(packed(zipfile.ZipInfo(name))).values()
    assert why in reason


@pytest.mark.parametrize(("mode", "why"), [(0o120777, "link"), (0o020666, "regular"), (0o010666, "regular")])
def test_links_and_devices_in_an_archive_are_refused(mode, why):
    """A link's content is a path, not an answer."""
    info = zipfile.ZipInfo("alice/04.py")
    info.create_system, info.external_attr = 3, mode << 16
    assert why in refusals(packed(info))["alice/04.py"]


def test_a_bomb_is_refused_by_its_ratio_and_its_claims_are_not_believed(monkeypatch):
    """A lie about the size in the directory costs an unreadable entry, not memory."""
    info = zipfile.ZipInfo("alice/04.py")
    info.compress_type = zipfile.ZIP_DEFLATED
    bomb = packed(info, b"\0" * 50_000_000)
    assert "200 times" in refusals(bomb)["alice/04.py"]
    lying = bomb.replace(struct.pack("<L", 50_000_000), struct.pack("<L", 1000))
    held = ZipTree(io.BytesIO(lying), "a.zip")
    with contextlib.suppress(UnreadableError):
        assert len(held.read(held.entries[0], 5000)) <= 5000


@pytest.mark.parametrize("bound", ["MAX_ENTRIES", "MAX_TOTAL_BYTES"])
def test_an_archive_that_is_absurd_as_a_whole_is_refused_whole(monkeypatch, lay_out, katas, bound):
    """Too many entries, or too much in all."""
    monkeypatch.setattr(zip_tree, bound, 1)
    with pytest.raises(BadInput, match=r"more than"):
        read_intake(lay_out({"alice/04.py": GOOD, "bob/04.py": GOOD}, packed=True), katas)


def test_encrypted_and_oddly_packed_entries_are_refused():
    """LZMA could ask for gigabytes by its header alone."""
    info = zipfile.ZipInfo("alice/04.py")
    info.compress_type = zipfile.ZIP_LZMA
    assert "packed in a way" in refusals(packed(info))["alice/04.py"]
    data = bytearray(packed(zipfile.ZipInfo("alice/04.py")))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert "encrypted" in refusals(bytes(data))["alice/04.py"]


def test_backslashes_in_an_archive_part_folders(lay_out, katas):
    """Programs of Windows have written them."""
    files = {"alice\\04.py": GOOD, "bob\\src\\04.py": GOOD, "carol\\": ""}
    intake = read_intake(lay_out(files, packed=True), katas)
    assert [(item.student.id, item.source_path) for item in intake.handins] == [
        ("alice", "alice/04.py"),
        ("bob", "bob/src/04.py"),
    ]
    assert [(problem.path, problem.why) for problem in intake.problems] == [("carol", "holds no files")]


@pytest.mark.parametrize(
    ("days", "taken", "often"), [((1, 2), 2, "twice"), ((2, 1), 2, "twice"), ((2, 2, 1), 2, "3 times")]
)
def test_of_the_same_path_twice_the_newest_counts_and_it_is_told(tmp_path, katas, days, taken, often):
    """By the entries' times, of equals the last, as every unzip leaves it."""
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for place, day in enumerate(days):
            with warnings.catch_warnings():  # that it is there already
                warnings.simplefilter("ignore")
                archive.writestr(zipfile.ZipInfo("alice/04.py", (2026, 1, day, 0, 0, 0)), f"# {place}")
    intake = read_intake(tmp_path / "class.zip", katas)
    last = max(place for place, day in enumerate(days) if day == taken)
    assert [item.submission.source for item in intake.handins] == [f"# {last}".encode()]
    (problem,) = intake.problems
    assert problem.why == f"is in the archive {often}; the newest is taken"


def test_what_cannot_be_read_never_takes_the_place_of_what_can():
    """A newer link of the same name is told of."""
    link = zipfile.ZipInfo("alice/04.py", (2027, 1, 1, 0, 0, 0))
    link.create_system, link.external_attr = 3, 0o120777 << 16
    buffer = io.BytesIO(packed(zipfile.ZipInfo("alice/04.py")))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(link, "/etc/passwd")
    held = ZipTree(buffer, "a.zip")
    assert [held.read(entry, 100) for entry in held.entries] == [GOOD]
    assert "link" in refusals(buffer.getvalue())["alice/04.py"]


def test_what_computers_put_beside_answers_is_passed_over_in_silence(lay_out, katas):
    """`__MACOSX`, `.git`, caches and virtual environments are nobody's work."""
    files = {
        "alice/04.py": GOOD,
        "__MACOSX/alice/._04.py": b"\0",
        "alice/.git/hooks/04.py": b"x",
        "alice/__pycache__/04.py": b"x",
        "alice/.venv/lib/04.py": b"x",
    }
    for is_packed in (True, False):
        intake = read_intake(lay_out(files, packed=is_packed), katas)
        assert [item.source_path for item in intake.handins] == ["alice/04.py"]
        assert not intake.problems


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_links_and_pipes_in_a_folder_are_reported_and_never_opened(lay_out, katas, tmp_path):
    """A link may point at another student's answer, a pipe would block for ever."""
    root = lay_out({"alice/04.py": GOOD})
    (root / "bob").mkdir()
    (root / "bob" / "04.py").symlink_to(root / "alice" / "04.py")
    (root / "carol").symlink_to(root / "alice")
    (root / "dave").mkdir()
    os.mkfifo(root / "dave" / "04.py")
    intake = read_intake(root, katas)
    assert [item.source_path for item in intake.handins] == ["alice/04.py"]
    assert {problem.path: problem.why for problem in intake.problems} == {
        "bob/04.py": "is a link; links are not followed",
        "carol": "is a link; links are not followed",
        "dave/04.py": "is not a regular file",
    }
    assert {problem.student_id for problem in intake.problems} == {"bob", "carol", "dave"}
    assert {student.id for student in intake.students} == {"alice", "bob", "carol", "dave"}


def test_whose_only_file_was_refused_is_among_the_students(katas, tmp_path):
    """In an archive as Moodle makes it, in one's own zip, and where a file beside the folders is theirs."""
    bomb = zipfile.ZipInfo("Bo Er_208_assignsubmission_file_/04.py")
    bomb.compress_type = zipfile.ZIP_DEFLATED
    (tmp_path / "class.zip").write_bytes(packed(bomb, b"#" * 2_000_000))
    (problem,) = (intake := read_intake(tmp_path / "class.zip", katas)).problems
    assert (intake.format, problem.student_id) == ("moodle", "208")
    assert "200 times" in problem.why
    assert [(student.id, student.name) for student in intake.students] == [("208", "Bo Er")]
    bomb.filename = "04.py"
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "bo.zip").write_bytes(packed(bomb, b"#" * 2_000_000))
    assert [student.id for student in read_intake(tmp_path / "plain", katas).students] == ["bo"]


def test_a_refused_file_changes_nothing_for_the_others(lay_out, katas):
    """One's own folder with a link in it is still one student's; a link to notes is nobody's hand-in."""
    root = lay_out({"04_gather_readings.py": GOOD}, name="alice")
    (root / "link.py").symlink_to(root / "04_gather_readings.py")
    intake = read_intake(root, katas)
    assert [student.id for student in intake.students] == ["alice"]
    several = lay_out({"bob/04.py": GOOD})
    (several / "notes.txt").symlink_to(root / "04_gather_readings.py")
    intake = read_intake(several, katas)
    assert [student.id for student in intake.students] == ["bob"]
    assert [problem.why for problem in intake.problems] == ["is a link; links are not followed"]


def test_a_file_that_becomes_a_link_after_it_was_listed_is_not_followed(lay_out, tmp_path):
    """The path is opened without following and looked at again."""
    root = lay_out({"alice/04.py": GOOD})
    listed = FolderTree(root)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (root / "alice/04.py").unlink()
    (root / "alice/04.py").symlink_to(secret)
    with pytest.raises(UnreadableError):
        listed.read(listed.entries[0], 100)


def test_folders_deeper_than_anybody_needs_are_reported(lay_out, katas):
    """Recursion is bounded."""
    root = lay_out({"/".join(["alice", *["d"] * 40, "04.py"]): GOOD})
    (problem,) = read_intake(root, katas).problems
    assert "deeper than 30" in problem.why


def test_a_students_own_zip_is_read_one_level_deep_and_under_the_same_rules(lay_out, katas):
    """Its name may name the kata; a broken one is reported; a zip in the zip is not opened."""
    inner = pack({"answer.py": GOOD, "../evil.py": b"x", "more.zip": pack({"04.py": GOOD})})
    files = {"alice/kata_04.zip": inner, "bob/kata_04.zip": b"not a zip"}
    intake = read_intake(lay_out(files), katas)
    assert [item.source_path for item in intake.handins] == ["alice/kata_04.zip!answer.py"]
    assert intake.handins[0].slug == "gather_readings"
    why = {problem.path: problem.why for problem in intake.problems}
    assert "leads elsewhere" in why["alice/kata_04.zip!../evil.py"]
    assert "not a zip file" in why["bob/kata_04.zip"]


def test_names_in_decomposed_unicode_are_one_name(lay_out, katas):
    """A Mac writes `é` as two characters, a Windows machine as one."""
    intake = read_intake(lay_out({"Zoe\u0301/04.py": GOOD}, packed=True), katas)
    assert intake.handins[0].student.id == "Zo\u00e9"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_archive_is_refused_or_read_and_never_crashes(data):
    """Bytes of a good zip changed at will."""
    good = bytearray(pack({"alice/04.py": GOOD, "bob/04.py": b"x" * 3000}))
    for _ in range(data.draw(st.integers(1, 8))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(good)))
    try:
        held = ZipTree(io.BytesIO(bytes(good[cut:] if cut % 5 == 0 else good)), "a.zip")
    except NotAZipError:
        return
    for entry in held.entries:
        try:
            held.read(entry, 10_000)
        except UnreadableError:
            continue


def test_a_name_that_is_a_file_and_a_folder_is_read_as_both(katas, tmp_path):
    """A zip can say so; a disk cannot."""
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        archive.writestr("alice", GOOD)
        archive.writestr("alice/04.py", GOOD)
    intake = read_intake(tmp_path / "class.zip", katas)
    assert [item.student.id for item in intake.handins] == ["alice"]


def test_nothing_is_ever_written(lay_out, katas, tmp_path):
    """Intake leaves the disk as it found it."""
    path = lay_out({"alice/04.py": GOOD, "../evil.py": GOOD}, packed=True)
    before = sorted(Path(tmp_path).rglob("*"))
    read_intake(path, katas)
    assert sorted(Path(tmp_path).rglob("*")) == before
