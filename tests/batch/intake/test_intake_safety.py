"""Archives and folders made to do harm cost themselves and nothing else."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from school import pack

from grader.batch.intake import read_intake, tree
from grader.batch.intake.tree import NotAZipError, UnreadableError, ZipTree
from grader.errors import BadInput

GOOD = b"async def read_all(names):\n    return names\n"


def refusals(data: bytes) -> dict[str, str]:
    """What a zip's tree would not take, and why."""
    return {problem.path: problem.why for problem in ZipTree(io.BytesIO(data), "a.zip").problems}


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
        ("alice\\04.py", "leads elsewhere"),
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
    monkeypatch.setattr(tree, bound, 1)
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


def test_the_same_path_twice_is_reported():
    """Readers of archives differ in which they take; ours says."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("alice/04.py", GOOD)
        archive.writestr("alice/04.py", b"other")
    assert "twice" in refusals(buffer.getvalue())["alice/04.py"]


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


def test_a_file_that_becomes_a_link_after_it_was_listed_is_not_followed(lay_out, tmp_path):
    """The path is opened without following and looked at again."""
    root = lay_out({"alice/04.py": GOOD})
    listed = tree.FolderTree(root)
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


def test_nothing_is_ever_written(lay_out, katas, tmp_path):
    """Intake leaves the disk as it found it."""
    path = lay_out({"alice/04.py": GOOD, "../evil.py": GOOD}, packed=True)
    before = sorted(Path(tmp_path).rglob("*"))
    read_intake(path, katas)
    assert sorted(Path(tmp_path).rglob("*")) == before
