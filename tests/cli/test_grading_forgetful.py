"""A rerun that forgets what the class was graded with is refused with both values, and changes nothing."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

STORE = Path("grades/results.sqlite")


def marks() -> list[str]:
    return Path("grades/grades.csv").read_text().splitlines()[2:]


@pytest.fixture
def given(tmp_path, katas):
    """What a run may be given, and something else of the kind."""
    Path("late.toml").write_text("[points]\ndefault = 10\n")
    Path("other.toml").write_text("[points]\ndefault = 20\n")
    Path("roster.csv").write_text("id,name\nalice,Alice\nbob,Bob\nzoe,Zoe\n")
    Path("class list.csv").write_text("id,name\nalice,Alice\nbob,Bob\n")
    for name in ("mine", "others"):
        shutil.copytree(katas.parent / "suites", name)
    return {
        "roster": ("roster.csv", "class list.csv"),
        "suite": ("mine", "others"),
        "late-policy": ("late.toml", "other.toml"),
    }


@pytest.mark.parametrize("name", ["roster", "suite", "late-policy"])
def test_what_is_forgotten_or_differs_is_refused_with_both_values(run, school_class, given, name):
    first, other = given[name]
    command = ["grade", school_class, "--isolation", "best"]
    assert run(*command, f"--{name}", first).exit_code == 0
    before, store = marks(), STORE.read_bytes()
    for more, now in (([], f"no --{name}"), ([f"--{name}", other], f"--{name} {Path(other).resolve()}")):
        ended = run(*command, *more)
        assert ended.exit_code == 2
        was = f"was graded with --{name} {Path(first).resolve()}, and this run has {now}."
        assert was in ended.stderr
        words = shlex.split(ended.stderr.partition("forgotten: ")[2])
        assert words[0] == "kata"
        assert words[-2:] == ["--forget", name]
        assert (marks(), STORE.read_bytes()) == (before, store)
    assert run(*words[1:]).exit_code == 0, "the command that is printed does it"
    assert run(*command, f"--{name}", other).exit_code == 0, "and from now on that is what it has"
    assert run(*command).exit_code == 2


def test_a_roster_that_is_forgotten_has_no_rows_any_more(run, school_class, given):
    command = ["grade", school_class, "--isolation", "best"]
    run(*command, "--roster", "roster.csv")
    assert [line.split(",")[0] for line in marks()] == ["alice", "bob", "zoe"]
    run(*command, "--forget", "roster")
    assert [line.split(",")[0] for line in marks()] == ["alice", "bob"]


def test_a_report_without_the_policy_is_refused_too(run, school_class, given):
    """Raw marks would be taken for those under the policy."""
    run("grade", school_class, "--isolation", "best", "--late-policy", "late.toml")
    report = ["report", STORE, "--format", "csv", "--out", "again.csv"]
    ended = run(*report)
    assert ended.exit_code == 2
    assert "this run has no --late-policy" in ended.stderr
    assert not Path("again.csv").exists()
    assert run(*report, "--late-policy", "late.toml").exit_code == 0
    assert run(*report, "--forget", "late-policy").exit_code == 0
    assert run(*report).exit_code == 2, "a report changes nothing"


def test_another_folder_of_katas_is_refused(run, school_class, katas):
    run("grade", school_class, "--isolation", "best", "--katas", katas)
    shutil.copytree(katas.parent, "copy")
    ended = run("grade", school_class, "--isolation", "best", "--katas", "copy/katas")
    assert ended.exit_code == 2
    assert (
        f"--katas {katas.resolve()}, and this run has --katas {Path('copy/katas').resolve()}" in ended.stderr
    )


def test_who_is_in_classrooms_csv_without_a_repository_has_a_row(run, katas, tmp_path):
    """The CSV lies beside the clones and nobody has given a roster."""
    root = tmp_path / "w1-submissions"
    (root / "w1-jane").mkdir(parents=True)
    (root / "w1-jane" / "4.py").write_text("# accept")
    root.joinpath("grades.csv").write_text(
        "assignment_name,assignment_url,starter_code_url,github_username,roster_identifier,"
        "student_repository_name,student_repository_url,submission_timestamp,points_awarded,points_available\n"
        "W,,,jane,s1,w1-jane,,2026-03-01 10:00:00 UTC,0,10\nW,,,,s2,,,,0,10\n"
    )
    ended = run("grade", root, "--isolation", "best")
    assert "Nothing from s2." in ended.stdout
    assert [line.split(",")[0] for line in marks()] == ["s1", "s2"]


@pytest.mark.parametrize("only", ["bob [b]", "bob*", "*[b]", "BOB [B]"])
def test_in_only_nothing_but_the_star_is_special(run, school_class, only):
    (school_class / "bob").rename(school_class / "bob [b]")
    ended = run("grade", school_class, "--isolation", "best", "--only", only)
    assert ended.exit_code == 0
    assert [line.split(",")[0] for line in marks()] == ["bob [b]"]


@pytest.mark.parametrize("only", ["bo?", "bo[b]", "b*x", "ob", "bobb*ob"])
def test_what_is_no_star_in_only_stands_for_itself(run, school_class, only):
    ended = run("grade", school_class, "--isolation", "best", "--only", only)
    assert ended.exit_code == 2
    assert f"matches --only {only}" in ended.stderr


def test_a_change_of_format_withdraws_nothing(run, school_class):
    """What was handed in still counts, and a line says so."""
    command = ["grade", school_class, "--isolation", "best"]
    run(*command)
    before = marks()
    ended = run(*command, "--input", "moodle")
    assert ended.exit_code == 0
    assert "no longer submitted" not in ended.stderr
    assert "was read as plain before, and as moodle now: 3 earlier submissions still count" in ended.stderr
    assert marks() == before
    run(*command, "--input", "moodle")
    assert marks() == before
    run(*command)
    assert marks() == before


def test_problem_lines_of_one_student_are_five_and_a_count(run, school_class):
    for number in range(12):
        (school_class / "bob" / f"things_{number}.py").write_text("x = 1")
    ended = run("grade", school_class, "--isolation", "best")
    assert len([line for line in ended.stderr.splitlines() if line.startswith("bob")]) == 6
    assert "bob: and 7 more problems" in ended.stderr
    assert Path("grades/problems.txt").read_text().splitlines()[-1] == "bob: and 7 more problems"
