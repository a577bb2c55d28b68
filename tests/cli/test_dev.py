"""What an author types: new, test, verify."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from grader.authoring import verify as verifying
from grader.authoring.claims import read_claim
from grader.authoring.mutate import Survivor
from grader.authoring.scaffold import scaffold
from grader.catalog import answers, load_catalog
from grader.engine.jobs import Setup
from grader.engine.local import Failed, LocalPool
from grader.records import Submission

from .conftest import SOLVED, FakeJudge, Options

IDLE_CHECKS = verifying._idle_checks
LOOP = '"""Rejected by {check}: {verdict}. In a loop."""\n\nasync def read_all(names):\n    return {number}\n'


@pytest.fixture
def sound(katas: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Kata 4 with answers enough; its solutions' folder. The fake suite has two checks only."""
    monkeypatch.setattr("grader.engine.local.LocalPool", HereAndNow)
    monkeypatch.setattr(verifying, "FEWEST_CHECKS", 1)
    monkeypatch.setattr(verifying, "_idle_checks", lambda checks, rejected: [])
    home = katas.parent / "solutions" / "04_gather_readings"
    for kind in ("accepted", "rejected"):
        (home / kind).mkdir(parents=True)
    for way in range(3):
        (home / "accepted" / f"way_{way}.py").write_text(SOLVED + f"# {way}\n")
    for number in range(5):
        text = LOOP.format(check="test_requests_overlap", verdict="NOT_CONCURRENT", number=number)
        (home / "rejected" / f"wrong_{number}.py").write_text(text)
    return home


class HereAndNow:
    """An engine that judges in this process, with the fake judge; the last job first."""

    def __init__(self, setup, jobs) -> None:
        self._catalog = load_catalog(Path(setup.katas))

    def run(self, jobs):
        judge = FakeJudge(Options())
        for job in reversed(list(jobs)):
            if b"explode" in job.source:
                yield Failed(job=job, why="the judging process died")
                continue
            submission = Submission(source=job.source, filename=job.filename)
            yield judge.judge(self._catalog.find(job.slug), submission)


def verify(kata, *more: str) -> tuple[int, list[str]]:
    told = kata("dev", "verify", "4", "--jobs", "1", "--json", *more)
    return told.exit_code, json.loads(told.stdout)[0]["problems"]


def test_a_sound_kata_is_proven(kata, sound):
    """Exit code 0, and the counts."""
    assert verify(kata) == (0, [])
    told = kata("dev", "verify", "gather", "--jobs", "1")
    assert "✓ 04_gather_readings" in told.output
    assert "2 checks, 3 accepted, 5 rejected" in told.output
    assert "1 of 1 katas are sound." in told.output


def test_an_accepted_answer_that_fails_is_named_with_its_reason(kata, sound):
    (sound / "accepted" / "way_1.py").write_text("forever\n")
    code, problems = verify(kata)
    assert code == 1
    assert problems == [
        "accepted/way_1.py is DEADLOCK by test_requests_overlap: "
        "The second request was sent after the first was answered."
    ]


def test_a_rejected_answer_that_passes_or_fails_otherwise_is_named(kata, sound):
    """The named check, the named verdict, and a first line that can be read."""
    claim = LOOP.format(check="test_requests_overlap", verdict="NOT_CONCURRENT", number=0)
    (sound / "rejected" / "wrong_0.py").write_text(claim + "# gather\n")
    (sound / "rejected" / "wrong_1.py").write_text(claim + "# forever\n")
    (sound / "rejected" / "wrong_2.py").write_text("async def read_all(names): ...\n")
    (sound / "rejected" / "wrong_3.py").write_text(LOOP.format(check="test_gone", verdict="LEAKED", number=3))
    code, problems = verify(kata)
    assert code == 1
    assert len(problems) == 4
    for problem, said in zip(
        problems,
        (
            *("ACCEPTED and not NOT_CONCURRENT", "DEADLOCK", "first line"),
            "rejected/wrong_3.py: there is no check of that name: test_gone",
        ),
        strict=True,
    ):
        assert said in problem


def test_a_stub_that_is_accepted_or_breaks_the_judge_is_named(kata, sound, katas):
    """It must be rejected, not crashed on; and it must define what the kata asks for."""
    stub = katas / "04_gather_readings" / "stub.py"
    for text, said in (
        ("def read_all(names): gather\n", "stub.py is ACCEPTED"),
        ("def read_all(names): oops\n", "stub.py is JUDGE_ERROR"),
        ("def read_some(names): ...\n", "entry point read_all"),
        ("def (", "stub.py"),
    ):
        stub.write_text(text)
        assert any(said in problem for problem in verify(kata)[1]), text


def test_an_answer_that_could_not_be_judged_is_named(kata, sound):
    """A judging process that dies costs one answer, and says so."""
    (sound / "accepted" / "way_3.py").write_text("explode\n")
    assert verify(kata) == (1, ["accepted/way_3.py: the judging process died"])


def test_too_few_answers_are_counted(kata, sound, monkeypatch):
    monkeypatch.setattr(verifying, "FEWEST_CHECKS", 5)
    (sound / "accepted" / "way_0.py").unlink()
    (sound / "rejected" / "wrong_0.py").unlink()
    assert verify(kata)[1] == [
        "2 accepted answers are fewer than 3",
        "4 rejected answers are fewer than 5",
        "2 checks are fewer than 5",
    ]


def test_a_check_that_rejects_nothing_is_named(kata, sound, monkeypatch):
    """Here `test_right` lets every wrong answer pass."""
    monkeypatch.setattr(verifying, "_idle_checks", IDLE_CHECKS)
    assert verify(kata)[1] == ["test_right rejects none of the rejected answers"]


def test_without_a_suite_there_is_one_problem(kata, sound, katas):
    (katas.parent / "suites" / "test_04_gather_readings.py").unlink()
    code, problems = verify(kata)
    assert code == 1
    assert len(problems) == 1
    assert "is missing" in problems[0]


def test_a_skeleton_lacks_nothing_but_its_todos(tmp_path):
    """Proven by the real judge: an author starts from what holds, and sees at once what does not."""
    folder = tmp_path / "katas"
    folder.mkdir()
    written = scaffold(load_catalog(folder, may_be_empty=True), 41, "print_queue")
    for path in written:
        assert tmp_path in path.parents
    (proof,) = proven(folder)
    assert all(": TODO" in problem for problem in proof.problems)
    assert len(proof.problems) == sum("TODO" in path.read_text() for path in written) > 10
    assert (proof.checks, proof.accepted, proof.rejected) == (5, 3, 5)
    for path in written:
        path.write_text(path.read_text().replace("TODO", "done"))
    wrong = tmp_path / "solutions" / "41_print_queue" / "rejected" / "two_at_a_time.py"
    wrong.write_text(wrong.read_text().replace("test_takes_as_long_as_the_slowest", "test_take"))
    (proof,) = proven(folder)
    assert proof.problems[0] == "rejected/two_at_a_time.py: there is no check of that name: test_take"


def proven(folder):
    pool = LocalPool(Setup(seed=0, isolation="best", katas=str(folder)))
    return verifying.verify(load_catalog(folder), pool)


def test_a_todo_is_told_with_its_file_and_lines(kata, sound, katas):
    claim = LOOP.format(check="test_requests_overlap", verdict="NOT_CONCURRENT", number=7)
    (sound / "rejected" / "wrong_0.py").write_text(claim + "# TODO\n\n# TODO: b\n")
    statement = katas / "04_gather_readings" / "README.md"
    statement.write_text(statement.read_text().rstrip() + "\n\nTODO: more, and METODOS is no mark\n")
    last = len(statement.read_text().splitlines())
    code, problems = verify(kata)
    assert (code, problems[0]) == (1, f"README.md:{last}: TODO")
    assert problems[1:] == ["rejected/wrong_0.py:5: TODO, and on line 7"]


def test_the_seed_is_the_authors_to_choose(kata, sound, monkeypatch):
    seen = []

    class Noting(HereAndNow):
        def __init__(self, setup, jobs) -> None:
            seen.append(setup.seed)
            super().__init__(setup, jobs)

    monkeypatch.setattr("grader.engine.local.LocalPool", Noting)
    verify(kata)
    verify(kata, "--seed", "7")
    assert seen == [0, 7]


@pytest.mark.parametrize("what", ["verify", "mutate"])
def test_an_installation_without_answers_says_so(kata, katas, workspace, monkeypatch, what):
    """As pip installs the grader: katas, suites, and accepted answers only."""
    monkeypatch.setattr("grader.engine.local.LocalPool", HereAndNow)
    monkeypatch.setattr(verifying, "OWN_KATAS", katas.absolute())
    monkeypatch.setattr(verifying, "PACKAGED_ANSWERS", katas.absolute())
    refused = kata("dev", what, "4")
    assert refused.exit_code == 2
    assert "has no rejected answers" in refused.stderr
    assert "checkout" in refused.stderr


def test_a_skeleton_has_every_file_that_verify_asks_for(kata, katas, workspace):
    """What `kata dev new` writes can be read back; its TODOs say what is left."""
    told = kata("dev", "new", "41", "print_queue")
    assert told.exit_code == 0
    made = load_catalog(katas).find("print_queue")
    assert made.number == 41
    assert made.suite == katas.parent / "suites" / "test_41_print_queue.py"
    assert len(answers(made, "accepted")) == 3
    assert len([read_claim(file) for file in answers(made, "rejected")]) == 5
    for line in told.output.splitlines():
        if line.startswith("created"):
            assert "TODO" in Path(line.removeprefix("created  ")).read_text()
    compile(made.suite.read_text(), "suite", "exec")


@pytest.mark.parametrize("arguments", [("4", "other"), ("42", "task_group"), ("42", "Bad-Slug"), ("0", "x")])
def test_names_that_are_taken_or_no_names_are_refused(kata, workspace, arguments):
    refused = kata("dev", "new", *arguments)
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(("ended", "code"), [(0, 0), (1, 1), (2, 3), (3, 3), (4, 2), (5, 2)])
def test_a_suite_runs_with_pytests_own_output_and_arguments(kata, katas, workspace, monkeypatch, ended, code):
    """On the stub unless a file is named; what follows -- is pytest's."""
    seen = []

    def run_pytest(kata, submission, options, args):
        seen.append((kata.number, submission.source, options.seed, args))
        return ended

    monkeypatch.setattr("grader.judge.run_pytest", run_pytest)
    assert kata("dev", "test", "4", "--seed", "3", "--", "-k", "overlap").exit_code == code
    stub = (katas / "04_gather_readings" / "stub.py").read_bytes()
    assert seen == [(4, stub, 3, ["-k", "overlap"])]
    Path("mine.py").write_bytes(b"mine")
    kata("dev", "test", "4", "--file", "mine.py")
    assert seen[1][1] == b"mine"


# -- mutate ----------------------------------------------------------------------------------------
EQUIVALENT = """
[[mutant]]
file = "way.py"
operator = "return_exceptions flipped"
was = "return await asyncio.gather(*map(read, names))"
reason = "nothing raises"
"""


@pytest.fixture
def answer(katas: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Kata 4 with one accepted answer, which the fake judge accepts as long as it gathers."""
    monkeypatch.setattr("grader.engine.local.LocalPool", HereAndNow)
    home = katas.parent / "solutions" / "04_gather_readings"
    (home / "accepted").mkdir(parents=True)
    (home / "accepted" / "way.py").write_text(SOLVED)
    return home


def scored(kata) -> tuple[int, dict]:
    told = kata("dev", "mutate", "4", "--json")
    return told.exit_code, json.loads(told.stdout)[0]


def test_survivors_are_shown_with_their_change(kata, answer):
    """A dropped await and a flipped flag still gather, so the fake judge lets them live."""
    code, score = scored(kata)
    assert code == 1
    assert score["killed"] == 1
    assert [survivor["operator"] for survivor in score["survivors"]] == [
        "await dropped",
        "return_exceptions flipped",
    ]
    assert score["percent"] == pytest.approx(100 / 3)
    told = kata("dev", "mutate", "4").output
    assert "33.3 %" in told
    assert "way.py:4: await dropped" in told
    assert "+    return asyncio.gather(*map(read, names))" in told


def test_the_entry_for_a_survivor_is_ready_to_be_put_in_the_list(kata, answer):
    """All but its reason: with one, it is no survivor any more."""
    told = kata("dev", "mutate", "4").output
    lines = [line.removeprefix("      ") for line in told.splitlines() if line.startswith("      ")]
    text = "\n".join(line for line in lines if not line.startswith(("+", "-")))
    assert text.count("[[mutant]]") == 2
    (answer / "equivalent.toml").write_text(text)
    assert "has no reason" in kata("dev", "mutate", "4").stderr
    (answer / "equivalent.toml").write_text(text.replace('reason = ""', 'reason = "nothing raises"'))
    code, score = scored(kata)
    assert (code, score["equivalent"], score["survivors"]) == (0, 2, [])


def test_an_entry_is_toml_whatever_the_line_holds():
    was = 'say("\\\\", \'"\', "é\x7f")'
    survivor = Survivor(file=Path("way.py"), operator="await dropped", line=1, was=was, diff=())
    assert tomllib.loads(survivor.entry) == {
        "mutant": [{"file": "way.py", "operator": "await dropped", "was": was, "reason": ""}]
    }


def test_a_listed_equivalent_is_not_judged_and_not_counted(kata, answer):
    """With its reason; an entry about nothing is a problem."""
    answer.joinpath("equivalent.toml").write_text(EQUIVALENT)
    code, score = scored(kata)
    assert (code, score["equivalent"], len(score["survivors"])) == (1, 1, 1)
    answer.joinpath("equivalent.toml").write_text(EQUIVALENT.replace("way.py", "*"))
    assert scored(kata)[1]["equivalent"] == 1
    answer.joinpath("equivalent.toml").write_text(EQUIVALENT.replace("gather(", "together("))
    assert "is about no mutant" in scored(kata)[1]["problems"][0]


@pytest.mark.parametrize(
    "broken", ["[[mutant", "[[mutant]]\nfile = 'x'\n", EQUIVALENT.replace("nothing raises", " ")]
)
def test_a_list_of_equivalents_is_read_strictly(kata, answer, broken):
    answer.joinpath("equivalent.toml").write_text(broken)
    refused = kata("dev", "mutate", "4")
    assert refused.exit_code == 2
    assert "equivalent.toml" in refused.stderr


def test_without_mutants_the_score_is_full(kata, answer):
    (answer / "accepted" / "way.py").write_text("gather = 1\n")
    code, score = scored(kata)
    assert (code, score["percent"]) == (0, 100.0)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("async def forever():\n    await other()\n", "DEADLOCK by test_requests_overlap"),
        ("async def explode():\n    await other()\n", "the judging process died"),
    ],
)
def test_an_accepted_answer_that_is_not_accepted_is_refused(kata, answer, source, said):
    """All its mutants would be rejected, whatever the suite sees."""
    (answer / "accepted" / "worse.py").write_text(source)
    refused = kata("dev", "mutate", "4")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "accepted/worse.py of 04_gather_readings is itself not accepted: " + said in refused.stderr
    assert "`kata dev verify 4`" in refused.stderr


def test_a_mutant_that_breaks_the_judge_is_a_problem_and_no_kill(kata, answer, monkeypatch):
    monkeypatch.setattr("grader.authoring.mutate._refuse_rejected", lambda katas, engine: None)
    (answer / "accepted" / "way.py").write_text("async def oops():\n    await other()\n")
    code, score = scored(kata)
    assert code == 1
    assert score["killed"] == 0
    assert "could not be judged: JUDGE_ERROR" in score["problems"][0]
