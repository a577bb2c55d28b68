"""Every submission of a class is judged with a seed of its own, which tells nothing of any other."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest
from a_class import Class
from hypothesis import given
from hypothesis import strategies as st

from grader.catalog import load_catalog
from grader.cli.grade import STORE_NAME as STORE
from grader.export import EXPORTERS
from grader.grading import schema
from grader.grading.keys import SEED_BITS, submission_seed
from grader.grading.run import GradeRequest, grade
from grader.grading.store import open_store, read_store
from grader.judge import Judge, Options
from grader.records import Judgement

SOLUTIONS = Path(__file__).parents[2] / "solutions" / "04_gather_readings"
SECRET = bytes(range(16))


@given(secret=st.binary(min_size=16, max_size=16), source=st.binary())
def test_a_seed_is_the_first_53_bits_of_an_hmac_of_kata_and_source(secret: bytes, source: bytes) -> None:
    """Counted by hand, from the left."""
    digest = hmac.new(secret, b"gather_readings\0" + source, hashlib.sha256).hexdigest()
    bits = f"{int(digest, 16):0256b}"
    assert submission_seed(secret, "gather_readings", source) == int(bits[:53], 2)


def test_seeds_differ_by_secret_by_kata_and_by_every_character() -> None:
    """And fit into what JSON keeps exactly."""
    seeds = {
        submission_seed(SECRET, "gather_readings", b"x = 1\n"),
        submission_seed(SECRET, "gather_readings", b"x = 1 \n"),
        submission_seed(SECRET, "timeouts", b"x = 1\n"),
        submission_seed(SECRET[::-1], "gather_readings", b"x = 1\n"),
    }
    assert len(seeds) == 4
    assert max(seeds) < 2**SEED_BITS


def judgements(made: Class) -> dict[tuple[str, str], Judgement]:
    """Student and kata: what counts."""
    with read_store(made.store) as store:
        found = {}
        for attempt in store.attempts():
            judgement = store.current_judgement(attempt.slug, attempt.sha256)
            assert judgement is not None
            found[attempt.student_id, attempt.slug] = judgement
        return found


def test_each_submission_of_a_class_has_its_own_seed_and_equal_ones_share_it(school_class: Class) -> None:
    """A rerun knows all of them again; another store has others."""
    school_class.hand_in(carol_04="# accept", carol_09="# accept")
    school_class.grade()
    seeds = {place: judgement.seed for place, judgement in judgements(school_class).items()}
    assert seeds["alice", "gather_readings"] == seeds["carol", "gather_readings"]
    assert len(set(seeds.values())) == 4
    assert school_class.grade(again=True).judged == 4
    assert {place: judgement.seed for place, judgement in judgements(school_class).items()} == seeds
    school_class.store = school_class.store.with_name("other.sqlite")
    school_class.grade(store=school_class.store)
    assert not set(seeds.values()) & {judgement.seed for judgement in judgements(school_class).values()}


def kata(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    home = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, "-P", "-m", "grader", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": home},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small class, graded for real, in every format that needs no file of a learning system's."""
    root = tmp_path_factory.mktemp("seeds")
    answers = {
        "alice": SOLUTIONS / "accepted" / "gather.py",
        "bob": SOLUTIONS / "rejected" / "awaited_in_a_loop.py",
        "carol": SOLUTIONS / "accepted" / "gather.py",
    }
    for student, answer in answers.items():
        (root / "class" / student).mkdir(parents=True)
        (root / "class" / student / "4.py").write_bytes(answer.read_bytes())
    (root / "class" / "bob" / "notes.py").write_text("print(1)\n")
    ended = kata("grade", "class", "--isolation", "best", "--out", "out", *every_format(), cwd=root)
    assert ended.returncode == 0, ended.stderr
    (root / "said.txt").write_text(ended.stdout + ended.stderr)
    return root


def every_format() -> list[str]:
    names = [name for name in EXPORTERS if name not in ("canvas", "moodle")]
    return [word for name in names for word in ("--format", name)]


def outputs(root: Path) -> dict[str, bytes]:
    """All that a run wrote and said, but for the store itself."""
    found = {"said": (root / "said.txt").read_bytes()}
    for path in (root / "out").rglob("*"):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found |= {f"{path.name}/{name}": archive.read(name) for name in archive.namelist()}
        elif path.is_file() and not path.name.startswith(STORE):
            found[path.name] = path.read_bytes()
    return found


def test_no_page_and_no_export_shows_the_secret(graded: Path) -> None:
    """In no spelling; what they show of the seeds is what `csv-long` and `jsonl` say."""
    with open_store(graded / "out" / STORE) as store:
        secret = store.secret()
    number = int.from_bytes(secret)
    spelled = {secret, secret.hex(), base64.b64encode(secret), base64.urlsafe_b64encode(secret), number}
    wanted = {word if isinstance(word, bytes) else str(word).encode() for word in spelled}
    written = outputs(graded)
    assert {"index.html", "said", "problems.txt"} <= set(written)
    assert len(written) >= 12
    for name, content in written.items():
        assert not [word for word in wanted if word.lower() in content.lower()], name
    seeds = {str(judgement.seed).encode() for judgement in stored(graded).values()}
    assert len(seeds) == 2
    (lines,) = (content for name, content in written.items() if name.endswith(".jsonl"))
    assert all(seed in lines for seed in seeds)


def stored(root: Path) -> dict[str, Judgement]:
    """Student: what counts."""
    with read_store(root / "out" / STORE) as store:
        found = {
            item.student_id: store.current_judgement(item.slug, item.sha256) for item in store.attempts()
        }
    return {student: judgement for student, judgement in found.items() if judgement is not None}


def test_a_seed_that_is_shown_replays_the_judgement(graded: Path) -> None:
    """`kata check --seed`, on anybody's machine and without the store."""
    kept = stored(graded)["bob"]
    ended = kata("check", "4", "--file", "class/bob/4.py", "--seed", str(kept.seed), "--json", cwd=graded)
    said = json.loads(ended.stdout)
    assert not said["accepted"]
    assert {**said, "elapsed_wall_ms": 0} == {**kept.as_json(), "elapsed_wall_ms": 0}


def test_ones_own_machine_has_seed_0(graded: Path) -> None:
    """So that what `kata check` shows can be shown to others."""
    ended = kata("check", "4", "--file", "class/bob/4.py", "--json", cwd=graded)
    assert json.loads(ended.stdout)["seed"] == 0


def test_every_mark_of_a_store_can_be_made_again_from_it(graded: Path) -> None:
    """From sources and seeds alone, in one judge and in another order."""
    katas = load_catalog()
    with read_store(graded / "out" / STORE) as store, Judge(Options()) as judge:
        for attempt in reversed(store.attempts()):
            kept = store.current_judgement(attempt.slug, attempt.sha256)
            assert kept is not None
            source = store.submission(attempt.sha256, attempt.filename)
            again = judge.judge(katas.find(attempt.slug), source, seed=kept.seed)
            assert msgspec.structs.replace(again, elapsed_wall_ms=kept.elapsed_wall_ms) == kept


def test_one_seed_for_all_is_said_to_be_no_secret(graded: Path) -> None:
    """It stays, for whoever wants all to be asked the same."""
    ended = kata("grade", "class", "--isolation", "best", "--seed", "17", "--store", "other.db", cwd=graded)
    assert "Seed: 17 for all. It is not secret" in ended.stdout
    assert "not secret" in kata("grade", "--help", cwd=graded).stdout


def test_a_store_of_before_is_refused_in_one_line(graded: Path) -> None:
    """Its seed was one for all, of 31 bits."""
    with sqlite3.connect(graded / "old.db") as raw:
        raw.executescript(
            "CREATE TABLE meta (key TEXT, value TEXT); PRAGMA user_version = 3;"
            f" PRAGMA application_id = {schema.APPLICATION_ID};"
        )
    raw.close()
    for words in (("report", "old.db"), ("grade", "class", "--isolation", "best", "--store", "old.db")):
        ended = kata(*words, cwd=graded)
        assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
        assert "old.db is of version 3" in ended.stderr
        assert "Name another --store and grade again." in ended.stderr


PROBE = "async def read_all(names):\n    raise ValueError('NAMES ' + ' '.join(names))\n"
HARD_CODED = """KNOWN = {known!r}

async def read_all(names):
    raise RuntimeError("asked again" if KNOWN & set(names) else "never seen")
"""


@pytest.mark.parametrize(("seed", "said"), [(None, "never seen"), (17, "asked again")], ids=["own", "shared"])
def test_what_an_answer_was_shown_helps_no_other(tmp_path: Path, seed: int | None, said: str) -> None:
    """With one seed for all, which is the control, a resubmission knows the questions."""
    answer = tmp_path / "class" / "mallory" / "4.py"
    answer.parent.mkdir(parents=True)
    request = GradeRequest(
        path=tmp_path / "class", store=tmp_path / "store", katas=("4",), jobs=1, isolation="best", seed=seed
    )

    def shown(source: str) -> str:
        answer.write_text(source)
        grade(request, lambda event: None)
        with read_store(request.store) as store:
            newest = store.attempts()[-1]
            judgement = store.current_judgement(newest.slug, newest.sha256)
        assert judgement is not None
        return "\n".join(check.rationale or "" for check in judgement.checks)

    known = {name for line in re.findall("NAMES (.*)", shown(PROBE)) for name in line.split()}
    assert len(known) > 3
    told = shown(HARD_CODED.format(known=known))
    assert said in told
    assert ("asked again" in told) is (seed is not None)
