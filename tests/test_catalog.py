"""The catalogue reads what kata.toml says, strictly, and finds a kata by whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.catalog import Catalog, answers, hints, load_catalog, statement, stub
from grader.errors import BadKata, NoSuchKata
from grader.records import Limits

TOML = 'title = "Title"\nunit = 1\n'


def put(folder: Path, name: str, toml: str = TOML) -> Path:
    home = folder / name
    home.mkdir(parents=True)
    home.joinpath("kata.toml").write_text(toml, encoding="utf-8")
    return home


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path / "katas", "04_gather_readings")
    put(tmp_path / "katas", "01_first_coroutine")
    put(tmp_path / "katas", "12_first_answer", TOML + 'after = ["gather_readings"]\n')
    return tmp_path / "katas"


@pytest.fixture
def catalog(folder: Path) -> Catalog:
    return load_catalog(folder)


def test_katas_stand_by_number_and_carry_what_they_say(folder):
    """All keys reach the record; limits override the defaults one by one."""
    put(
        folder,
        "02_full",
        'title = "Full"\nunit = 3\nconcepts = ["gather"]\nafter = ["first_coroutine"]\n'
        'entry_points = ["work"]\nrequires = ["httpx"]\n[limits]\ncpu_s = 2\nthreads = 3\n',
    )
    catalog = load_catalog(folder)
    assert [kata.number for kata in catalog] == [1, 2, 4, 12]
    full = catalog.find("2")
    assert (full.title, full.unit, full.concepts, full.after) == (
        "Full",
        3,
        ("gather",),
        ("first_coroutine",),
    )
    assert (full.entry_points, full.requires) == (("work",), ("httpx",))
    assert full.limits == Limits(cpu_s=2, threads=3)


def test_suites_are_the_graders_unless_some_lie_beside_the_katas(folder):
    """An instructor's own folder of katas may bring its own suites; an explicit folder wins."""
    assert load_catalog(folder).find("4").suite.parts[-3:] == (
        "grader",
        "suites",
        "test_04_gather_readings.py",
    )
    (folder.parent / "suites").mkdir()
    assert load_catalog(folder).find("4").suite == folder.parent / "suites" / "test_04_gather_readings.py"
    assert load_catalog(folder, Path("mine")).find("4").suite == Path("mine", "test_04_gather_readings.py")


def test_the_graders_own_katas_are_found_without_a_word():
    """Every kata that ships is read, and its stub, statement and hints too."""
    for kata in load_catalog():
        assert statement(kata).strip()
        assert stub(kata).strip()
        assert hints(kata) and len(hints(kata)) % 3 == 0, "three for each stage"
        assert kata.suite.is_file()


@pytest.mark.parametrize(
    "name", ["4", "04", "gather_readings", "04_gather_readings", "ga", "04_", "GATHER-Readings"]
)
def test_a_kata_is_found_by(catalog, name):
    assert catalog.find(name).slug == "gather_readings"


@pytest.mark.parametrize(
    "path",
    [
        "04_gather_readings/",
        "04_gather_readings/gather_readings.py",
        "x/gather_readings.py",
        "gather_readings.py",
    ],
)
def test_a_kata_is_found_by_path(catalog, path):
    assert catalog.find(path).slug == "gather_readings"


def test_the_innermost_name_in_a_path_decides(catalog, folder):
    """A stub is its folder's; a file named for a kata wins over the folder it lies in."""
    assert catalog.find(str(folder / "04_gather_readings" / "stub.py")).number == 4
    assert catalog.find("04_gather_readings/first_answer.py").number == 12


def test_the_folder_one_is_in_is_a_path_too(catalog, folder, monkeypatch):
    monkeypatch.chdir(folder / "04_gather_readings")
    assert catalog.find(".").number == 4


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("first", "first_coroutine, first_answer"),
        ("gathr_readings", "Did you mean 'gather_readings' (4)?"),
        ("5", "They go from 1 to 12"),
        ("zzzzzz", "kata list"),
        ("", "kata list"),
    ],
)
def test_what_names_no_kata_is_answered_with_help(catalog, name, said):
    with pytest.raises(NoSuchKata) as raised:
        catalog.find(name)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("title = 'T'\n", "unit"),
        ("unit = 1\n", "title"),
        (TOML + "titel = 'x'\n", "titel"),
        ("title = 4\nunit = 1\n", "key 'title'"),
        ("title = 'T'\nunit = 'one'\n", "key 'unit'"),
        ("title = 'T'\nunit = true\n", "key 'unit'"),
        ("title = ' '\nunit = 1\n", "key 'title'"),
        ("title = 'T'\nunit = 0\n", "key 'unit'"),
        (TOML + "concepts = 'gather'\n", "key 'concepts'"),
        (TOML + "after = [3]\n", "key 'after"),
        (TOML + "after = ['nobody']\n", "'nobody'"),
        (TOML + "entry_points = ['not a name']\n", "entry_points"),
        (TOML + "[limits]\ncpu = 3\n", "key 'limits.cpu'"),
        (TOML + "[limits]\ncpu_s = 'much'\n", "key 'limits.cpu_s'"),
        (TOML + "[limits]\nthreads = 1.5\n", "key 'limits.threads'"),
        (TOML + "[limits]\nmemory_mb = -1\n", "key 'limits.memory_mb'"),
        ("title = \n", "not TOML"),
    ],
)
def test_a_kata_that_breaks_the_rules_is_named_with_its_key(folder, toml, said):
    """The message says which file, and which key of it."""
    file = put(folder, "05_broken", toml) / "kata.toml"
    with pytest.raises(BadKata) as raised:
        load_catalog(folder)
    assert str(file) in raised.value.message
    assert said in raised.value.message


def test_bytes_that_are_no_text_are_named(folder):
    file = put(folder, "05_broken") / "kata.toml"
    file.write_bytes(b"title = '\xff'")
    with pytest.raises(BadKata, match=r"05_broken.*not TOML"):
        load_catalog(folder)


def test_katas_may_not_come_after_themselves(folder):
    """However long the way round."""
    put(folder, "06_one", TOML + "after = ['two']\n")
    put(folder, "07_two", TOML + "after = ['one']\n")
    with pytest.raises(BadKata, match=r"circle: .*one after two"):
        load_catalog(folder)


def test_numbers_and_slugs_are_given_once(folder):
    put(folder, "04_other")
    with pytest.raises(BadKata, match="both kata '4'"):
        load_catalog(folder)


def test_folders_that_are_no_katas_are_passed_over(folder):
    """Notes, caches and half-made folders beside the katas do no harm."""
    (folder / "__pycache__").mkdir()
    (folder / "05_without_toml").mkdir()
    (folder / "README.md").write_text("")
    assert len(load_catalog(folder)) == 3


def test_a_folder_without_katas_is_bad_but_for_who_makes_the_first(tmp_path):
    """It is rather the wrong one."""
    (tmp_path / "notes").mkdir()
    with pytest.raises(BadKata, match="holds no katas"):
        load_catalog(tmp_path)
    assert len(load_catalog(tmp_path, may_be_empty=True)) == 0


def test_a_folder_that_is_not_there_is_bad(tmp_path):
    with pytest.raises(BadKata, match="not a folder of katas"):
        load_catalog(tmp_path / "nowhere")


def test_hints_are_three_sections(catalog):
    """Their headings stay; anything else than three is the author's mistake."""
    kata = catalog.find("4")
    kata.folder.joinpath("hints.md").write_text(
        "intro\n\n## A\none\n\n## B\ntwo\n### deeper\n\n## C\nthree\n"
    )
    assert hints(kata) == ("## A\none", "## B\ntwo\n### deeper", "## C\nthree")
    kata.folder.joinpath("hints.md").write_text("## A\none\n")
    with pytest.raises(BadKata, match="has 1 sections"):
        hints(kata)


def test_a_missing_file_of_a_kata_is_named(catalog):
    with pytest.raises(BadKata, match=r"README\.md is missing"):
        statement(catalog.find("4"))


def test_answers_lie_beside_the_katas_and_may_be_absent(catalog, folder):
    """In a checkout they are found in order; in an installed wheel there are none."""
    kata = catalog.find("4")
    assert answers(kata) == ()
    home = folder.parent / "solutions" / "04_gather_readings" / "rejected"
    home.mkdir(parents=True)
    for name in ("b.py", "a.py", "notes.txt"):
        (home / name).write_text("")
    assert [file.name for file in answers(kata, "rejected")] == ["a.py", "b.py"]


def test_a_path_names_its_kata_in_whatever_case_it_is_typed(catalog, tmp_path, monkeypatch):
    """Windows and macOS find the file so."""
    monkeypatch.chdir(tmp_path)
    assert catalog.find("04_Gather_Readings/GATHER_READINGS.py").number == 4
    assert catalog.find("./Gather_Readings.py").number == 4
