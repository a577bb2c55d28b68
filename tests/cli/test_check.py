"""`kata check`: exit codes and JSON to the letter, and a rejection that explains itself."""

from __future__ import annotations

import json
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import msgspec
import pytest

from grader.records import Judgement
from grader.workspace import LastRun

from .conftest import SOLVED

KATA_KEYS = [
    "kata", "verdict", "accepted", "points", "max_points", "seed", "stage", "stages",
    "checks", "isolation", "elapsed_wall_ms", "python", "grader",
]  # fmt: skip
CHECK_KEYS = [
    "id", "title", "stage", "verdict", "passed", "points", "max_points", "fault", "rationale", "line",
    "misconception",
    "elapsed_virtual_ns", "best_virtual_ns", "peak_in_flight",
]  # fmt: skip


@pytest.fixture
def mine(ready: Path) -> Path:
    """The learner's file for kata 4."""
    return ready / "04_gather_readings" / "gather_readings.py"


def test_a_rejection_says_which_why_where_and_draws_it(kata, mine):
    """The failed check, its reason, the learner's line, what it printed, both timelines, what next."""
    told = kata("check", "4")
    assert told.exit_code == 1
    assert "✓ Every reading comes back  2 s" in told.output
    assert "✗ All requests are in flight together: not concurrent" in told.output
    assert "The second request was sent after the first was answered." in told.output
    assert "  >    2 │     return [read(name) for name in names]" in told.output
    assert "│ reading oslo" in told.output
    assert told.output.index("yours · 2 s") < told.output.index("best possible · 1 s")
    assert "Not accepted: not concurrent, 1 of 3 points, seed 0." in told.output
    assert "`kata hint 4`" in told.output


def test_an_acceptance_leads_on_to_the_next_kata(kata, mine):
    """Exit code 0, the points, and the next kata that is open."""
    mine.write_text(SOLVED)
    told = kata("check", "4")
    assert told.exit_code == 0
    assert "Accepted: 3 of 3 points." in told.output
    assert "`kata show 1`" in told.output


def test_the_json_is_the_contract(kata, mine):
    """One object on stdout, its keys never absent, null where they do not apply."""
    told = kata("check", "4", "--json")
    assert told.exit_code == 1
    answer = json.loads(told.stdout)
    assert list(answer) == KATA_KEYS
    assert answer["kata"] == {"number": 4, "slug": "gather_readings", "title": "Gather readings"}
    assert set(CHECK_KEYS) <= set(answer["checks"][0])
    assert answer["checks"][0]["rationale"] is None
    assert answer["verdict"] == "NOT_CONCURRENT"
    assert answer["points"] == 1


def test_an_error_of_ours_is_never_the_learners(kata, mine):
    """JUDGE_ERROR leaves with 3, is not called a rejection and does not count as an attempt."""
    mine.write_text("oops\n")
    told = kata("check", "4")
    assert told.exit_code == 3
    assert "Not judged: an error of ours, not yours" in told.output
    assert "untouched" in kata("list", "--unit", "1").output


def test_without_a_name_the_next_unaccepted_kata_is_judged(kata, ready, judge):
    """First 1; after its acceptance 4."""
    kata("check")
    (ready / "01_first_coroutine" / "first_coroutine.py").write_text(SOLVED)
    kata("check")
    kata("check")
    assert [seen[1].number for seen in judge.seen] == [1, 1, 4]


def test_when_all_is_accepted_that_is_said(kata, ready):
    """Nothing is next: one line that says so."""
    for file in ready.glob("*/*.py"):
        file.write_text(SOLVED)
    assert kata("check", "--all").exit_code == 0
    done = kata("check")
    assert done.exit_code == 2
    assert "Every kata is accepted." in done.stderr


@pytest.mark.parametrize(
    "name", ["4", "04", "gather_readings", "gather", "04_gather_readings", "GATHER-readings"]
)
def test_a_kata_goes_by_many_names(kata, ready, judge, name):
    """Number, slug, folder name, unique prefix; case and hyphens do not matter."""
    kata("check", name)
    assert judge.seen[0][1].number == 4


@pytest.mark.parametrize(
    "name", ["04_gather_readings/gather_readings.py", "04_gather_readings/", "./04_gather_readings"]
)
def test_a_kata_is_named_by_its_path(kata, ready, judge, name):
    """A path to the file or its folder names both the kata and the file."""
    kata("check", name)
    assert judge.seen[0][1].number == 4
    assert "tried" in kata("list", "--unit", "1").output


def test_any_file_can_be_judged_as_a_kata_anywhere(kata, workspace, judge):
    """--file needs no workspace, and is not remembered as the learner's own."""
    (workspace / "try.py").write_text(SOLVED)
    assert kata("check", "4", "--file", "try.py").exit_code == 0
    assert judge.seen[0][2].filename == "try.py"
    assert not (workspace / ".kata").exists()


def test_a_stub_names_its_kata(kata, workspace, katas, judge):
    """A path alone will do where a folder above it names the kata."""
    kata("check", "--file", str(katas / "04_gather_readings" / "stub.py"))
    assert judge.seen[0][1].number == 4


def test_a_near_miss_gets_a_suggestion(kata, ready):
    """One line on stderr, nothing on stdout, exit code 2."""
    missed = kata("check", "gahter_reading")
    assert (missed.exit_code, missed.stdout) == (2, "")
    assert "Did you mean 'gather_readings' (4)?" in missed.stderr


@pytest.mark.parametrize("name", ["99", "", " ", "9" * 5000, "\x1b[31mred", "zzz", "nowhere/at/all.py"])
def test_names_that_name_nothing_are_one_clean_line(kata, ready, name):
    """Whatever is typed: exit code 2, one line, no terminal escapes."""
    missed = kata("check", name)
    assert missed.exit_code == 2
    assert missed.stderr.count("\n") == 1
    assert "\x1b" not in missed.stderr


def test_a_missing_file_and_a_folder_are_bad_input(kata, mine):
    """Neither reaches the judge."""
    mine.unlink()
    missing = kata("check", "4")
    assert missing.exit_code == 2
    assert "`kata init`" in missing.stderr
    mine.mkdir()
    folder = kata("check", "4")
    assert folder.exit_code == 2
    assert "is not a file" in folder.stderr


@pytest.mark.parametrize("name", ["04_gather_readings/typo.py", "05_other/gather_readings.py"])
def test_a_path_to_no_file_judges_no_other(kata, ready, judge, name):
    """Though its folder, or the folder that one is in, is a kata's."""
    told = kata("check", name)
    assert told.exit_code == 2
    assert f"There is no file {name}." in told.stderr
    assert not judge.seen


def test_a_file_called_4_does_not_stand_for_kata_4(kata, ready, judge):
    Path("4").write_text("x = 1\n")
    kata("check", "4")
    assert [submission.filename for _, _, submission in judge.seen] == ["gather_readings.py"]


def test_bytes_that_are_no_text_reach_the_judge_as_they_are(kata, mine, judge):
    """What is wrong with them is the judge's to say; showing them must not break."""
    mine.write_bytes(b"\xff\xfe\x00 not python")
    assert kata("check", "4").exit_code == 1
    assert judge.seen[0][2].source == b"\xff\xfe\x00 not python"


def test_all_judges_every_kata_and_the_json_is_a_list(kata, ready):
    """Every kata in order; one not accepted is enough for exit code 1."""
    told = kata("check", "--all", "--json")
    assert told.exit_code == 1
    assert [answer["kata"]["number"] for answer in json.loads(told.stdout)] == [1, 4, 7]
    assert "task_group" in kata("check", "--all").output


def test_all_goes_on_past_a_missing_file(kata, ready):
    """The gap is said on stderr, and is not acceptance."""
    for file in ready.glob("*/*.py"):
        file.write_text(SOLVED)
    (ready / "04_gather_readings" / "gather_readings.py").unlink()
    told = kata("check", "--all", "--json")
    assert told.exit_code == 1
    assert len(json.loads(told.stdout)) == 2
    assert "gather_readings.py" in told.stderr


def test_options_reach_the_judge(kata, ready, judge):
    """Seed, clock and isolation are the judge's to obey."""
    kata("check", "4", "--seed", "17", "--clock", "real", "--isolation", "none")
    options = judge.seen[0][0]
    assert (options.seed, options.clock, options.isolation) == (17, "real", "none")


def test_isolation_that_is_missing_is_named(kata, ready):
    """`--isolation full` where there is none: one line, exit code 2."""
    refused = kata("check", "4", "--isolation", "full")
    assert refused.exit_code == 2
    assert "Landlock is missing." in refused.stderr


def test_an_instructors_suite_is_a_file_or_a_folder(kata, ready, judge, tmp_path):
    """--suite replaces the hidden suite and leaves progress alone; a folder is searched by name."""
    own = tmp_path / "own"
    own.mkdir()
    suite = own / "test_04_gather_readings.py"
    suite.write_text("")
    kata("check", "4", "--suite", str(own))
    kata("check", "4", "--suite", str(suite))
    assert [seen[1].suite for seen in judge.seen] == [suite, suite]
    assert kata("check", "1", "--suite", str(own)).exit_code == 2


def test_a_suite_that_cannot_be_run_is_refused_in_one_line(kata, ready, judge, tmp_path):
    """Before anything is judged or said of the kata."""
    suite = tmp_path / "suite.py"
    suite.write_text("# broken: line 3: SyntaxError: invalid syntax\n")
    refused = kata("check", "4", "--suite", str(suite))
    assert refused.exit_code == 2
    assert refused.output == f"kata: The suite {suite} cannot be run: line 3: SyntaxError: invalid syntax.\n"
    assert not judge.seen
    assert "tried" not in kata("list").output.replace("tried (", "")


def test_reports_are_written_where_asked(kata, mine, tmp_path):
    """JUnit is XML with a failure per rejected check."""
    target = tmp_path / "report.xml"
    kata("check", "4", "--junit", str(target))
    cases = ElementTree.fromstring(target.read_bytes()).findall(".//testcase")
    assert [case.get("name") for case in cases] == ["test_right", "test_requests_overlap"]
    failure = cases[1].find("failure")
    assert failure is not None
    assert failure.get("type") == "NOT_CONCURRENT"


def test_pages_and_traces_are_written_by_check_and_by_timeline(kata, mine, tmp_path):
    """The page carries the rationale; the trace is JSON for Perfetto; where they are goes to stderr."""
    for number, command in enumerate((("check", "4"), ("timeline", "4"))):
        page, trace = tmp_path / f"{number}.html", tmp_path / f"{number}.json"
        told = kata(*command, "--html", str(page), "--trace", str(trace))
        assert str(page) in told.stderr
        assert "The second request was sent" in page.read_text(encoding="utf-8")
        assert json.loads(trace.read_bytes())["traceEvents"]


def test_a_report_that_cannot_be_written_is_bad_input(kata, mine, tmp_path):
    """One line that names the file."""
    refused = kata("check", "4", "--junit", str(tmp_path / "no" / "such" / "folder.xml"))
    assert refused.exit_code == 2
    assert "folder.xml" in refused.stderr


def test_contradictions_are_usage_errors(kata, ready):
    """--all takes no kata, --pytest no other format: exit code 2, one line."""
    for arguments in (["4", "--all"], ["--all", "--html", "x.html"], ["4", "--pytest", "--json"]):
        refused = kata("check", *arguments)
        assert refused.exit_code == 2, arguments
        assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(("ended", "code"), [(0, 0), (1, 1), (2, 3), (3, 3), (5, 3)])
def test_pytests_own_exit_codes_become_ours(kata, ready, monkeypatch, ended, code):
    """0 and 1 mean the same; what else pytest knows is our error."""
    monkeypatch.setattr("grader.judge.run_pytest", lambda *given: ended)
    assert kata("check", "4", "--pytest").exit_code == code


def test_the_last_run_is_kept_for_the_timeline(kata, mine):
    """The judgement and the source that it is about lie in the workspace, and can be read back."""
    kata("check", "4")
    kept = msgspec.json.decode(
        (mine.parents[1] / ".kata/last/04_gather_readings.json").read_bytes(), type=LastRun
    )
    assert isinstance(kept.judgement, Judgement)
    assert kept.source == mine.read_bytes()
    assert kept.judgement.checks[1].best is not None


def test_progress_that_cannot_be_written_costs_no_verdict(kata, ready, monkeypatch):
    """A full or read-only disk is said; the verdict stands."""

    def refuse(*given: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("grader.workspace.write_whole", refuse)
    told = kata("check", "4")
    assert told.exit_code == 1
    assert "No space left" in told.stderr


@pytest.fixture
def aside(mine: Path, katas: Path) -> Path:
    """Another file of the learner's; kata 4 has a solution."""
    folder = katas.parent / "solutions" / "04_gather_readings" / "accepted"
    folder.mkdir(parents=True)
    (folder / "with_gather.py").write_text(SOLVED)
    file = mine.parents[1] / "try.py"
    file.write_text(SOLVED)
    return file


def next_line(told) -> str:
    """What is advised, however it is wrapped."""
    return " ".join(told.output[told.output.index("Next: ") :].split())


def test_after_another_file_only_what_works_is_advised(kata, aside, katas):
    """It is not remembered: no timeline of it, no solutions for it, and its kata is as open as before."""
    accepted = next_line(kata("check", "4", "--file", "try.py"))
    assert accepted == ("Next: `kata show 1` (First coroutine); `kata solution 4 --spoil` shows other ways.")
    assert "`kata show 4`" in next_line(kata("check", "1", "--file", "try.py"))
    aside.write_text("forever")
    assert next_line(kata("check", "4", "--file", "try.py")) == "Next: `kata hint 4`, `kata show 4`."
    aside.write_text("oops")
    assert "`kata check 4 --file try.py --pytest`" in kata("check", "4", "--file", "try.py").output


def test_after_ones_own_file_its_solutions_and_its_timeline_are_advised(kata, aside, mine):
    """With another suite neither: that run is not remembered."""
    assert "`kata timeline 4`" in next_line(kata("check", "4"))
    suite = aside.with_name("suite.py")
    suite.write_text("")
    assert "timeline" not in next_line(kata("check", "4", "--suite", "suite.py"))
    mine.write_text(SOLVED)
    assert "`kata solution 4` shows" in next_line(kata("check", "4"))


def test_without_a_workspace_or_solutions_the_list_is_advised(kata, workspace):
    (workspace / "try.py").write_text(SOLVED)
    assert next_line(kata("check", "4", "--file", "try.py")) == "Next: `kata list`."


@pytest.mark.parametrize("option", ["--html", "--trace"])
def test_an_accepted_answer_is_drawn_where_drawings_are_asked_for(kata, mine, judge, tmp_path, option):
    mine.write_text(SOLVED)
    target = tmp_path / "drawn"
    assert kata("check", "4", option, str(target)).exit_code == 0
    assert "station-1" in target.read_text(encoding="utf-8")
    kata("check", "4")
    assert [options.draw_passed for options, _, _ in judge.seen] == [True, False]


@pytest.mark.parametrize("command", ["check", "run", "race"])
def test_a_named_file_that_is_missing_is_not_for_init_to_put_back(kata, mine, command):
    """Only the workspace's own is."""
    missing = kata(command, "4", "--file", "typo.py")
    assert missing.exit_code == 2
    assert missing.stderr == "kata: There is no file typo.py. Check the path.\n"
    mine.unlink()
    assert "`kata init` puts missing files back." in kata(command, "4").stderr


def test_a_workspace_that_is_deleted_meanwhile_is_not_made_anew(kata, mine, judge, monkeypatch, tmp_path):
    """The verdict stands, and that nothing is remembered is said once."""
    judged = judge.judge

    def deleting(self, *given, **named):
        shutil.move(mine.parents[1], tmp_path / "elsewhere")
        return judged(self, *given, **named)

    monkeypatch.setattr(judge, "judge", deleting)
    told = kata("check", "4")
    assert told.exit_code == 1
    assert "Not accepted" in told.stdout
    assert told.stderr == f"kata: The workspace {mine.parents[1]} is gone: this run is not remembered.\n"
    assert next_line(told) == "Next: `kata hint 4`, `kata show 4`."
    assert not mine.parents[1].exists()


@pytest.mark.parametrize("command", [["check", "4", "--pytest"], ["dev", "test", "4"]])
def test_what_pytest_shows_of_a_learners_has_no_escapes(kata, ready, monkeypatch, command):
    """They move the cursor, change the title, paint. pytest adds none, since it sees no terminal."""

    def run_pytest(*given: object) -> int:
        sys.stdout.write("E  ValueError: \x1b]0;title\x07\x1b[2Jboo\x1b[31m")
        sys.stdout.write("\x1b")
        sys.stderr.write("[2J and \x9b2J\n")
        assert not sys.stdout.isatty()
        return 1

    monkeypatch.setattr("grader.judge.run_pytest", run_pytest, raising=False)
    ended = kata(*command)
    assert ended.exit_code == 1
    assert ended.stdout == "E  ValueError: boo"
    assert "\x1b" not in ended.output
    assert "\x9b" not in ended.output
