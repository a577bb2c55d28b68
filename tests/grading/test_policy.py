"""A policy's file says what it means, or is refused by the key that is wrong; what does nothing is told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fake_judge import judgement
from school import make_kata

import grader.grading.policy as module
from grader.catalog import load_catalog
from grader.errors import BadInput
from grader.grading.marks import Ledger, Mark
from grader.grading.policy import Late, Policy, read_policy
from grader.grading.policy_notes import policy_notes
from grader.grading.store import Attempt
from grader.intake import Student
from grader.records import Submission

KATAS = (make_kata(4, "gather_readings"), make_kata(9, "timeouts"))
DUE = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
MANUAL = Path(__file__).parents[2] / "docs" / "instructors.md"


def read(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "policy.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    return read_policy(path, KATAS)


# -- what it says ----------------------------------------------------------------------------------
def test_the_example_of_the_module_is_read(tmp_path):
    """Every key at once."""
    example = "\n".join(line[4:] for line in module.__doc__.splitlines() if line.startswith("    "))
    policy = read(tmp_path, example)
    assert policy.worth("gather_readings", 3) == 20
    assert policy.due_for("gather_readings", ["jane@x.org"]) == policy.zoned(datetime(2026, 3, 20, 12))
    assert policy.due_for("other", ["nobody"]).isoformat() == "2026-03-01T23:59:00+01:00"


def test_the_example_of_the_manual_is_read_and_names_every_key(tmp_path):
    """docs/instructors.md, with the grader's own katas."""
    (example,) = re.findall(r"```toml\n(.*?)```", MANUAL.read_text(), re.S)
    path = tmp_path / "policy.toml"
    path.write_text(example)
    policy = read_policy(path, load_catalog().katas)
    assert policy.due_for("timeouts", ["JANE@x.org"]).isoformat() == "2026-03-03T23:59:00+01:00"
    for name in (*Policy.__struct_fields__, *Late.__struct_fields__):
        assert re.search(rf"^(\[{name}|{name} = )", example, re.M), name


@pytest.mark.parametrize("name", ["4", "04", "gather_readings", "04_gather_readings", "gather", "GATHER"])
def test_a_kata_is_named_in_a_policy_as_anywhere_else(tmp_path, name):
    """By number, slug, folder or their beginning, in every table."""
    due = f"{DUE:%Y-%m-%dT%H:%M:%S}Z"
    tables = f"[points]\n{name} = 20\n[due]\n{name} = {due}\n[extensions.jane]\n{name} = 24\n"
    policy = read(tmp_path, tables)
    assert policy.worth("gather_readings", 3) == 20
    assert policy.due_for("gather_readings", ["jane"]) == DUE + timedelta(days=1)
    assert policy.worth("timeouts", 3) == 3


def test_a_student_is_named_in_any_case(tmp_path):
    """Learning systems write e-mail addresses as they like."""
    text = '[due]\ndefault = 2026-03-01T00:00:00Z\n[extensions."Jane@X.org"]\ndefault = 24\n'
    policy = read(tmp_path, text)
    assert policy.due_for("timeouts", ["s1", "jane@x.ORG"]) == datetime(2026, 3, 2, tzinfo=UTC)


# -- what is refused -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("submission = 'first'", r"submission: Invalid enum value 'first'; there are last, best\."),
        ("[late]\nper = 'week'", r"late\.per: Invalid enum value 'week'; there are day, hour\."),
        ("[late]\npercent = 'ten'", r"late\.percent: Expected `float`"),
        ("[late]\npercents = 10", r"late: Object contains unknown field `percents`; there are percent"),
        ("lateness = 10", r"unknown field `lateness`; there are submission, timezone, points,"),
        ("[late]\npercent = 101", r"late\.percent: must be between 0 and 100"),
        ("[late]\ngrace_minutes = nan", r"late\.grace_minutes: must be between"),
        ("[late]\ngrace_minutes = 1e300", r"late\.grace_minutes: must be between"),
        ("[points]\nno_such = 10", r"points\.no_such: No kata is named 'no_such'\. See them all"),
        ("[points]\ntimeuots = 10", r"points\.timeuots: No kata .* Did you mean 'timeouts' \(9\)\?$"),
        ("[points]\n77 = 10", r"points\.77: There is no kata 77"),
        (
            "[points]\n4 = 10\ngather_readings = 20",
            r"gather_readings: gather_readings is there under another",
        ),
        ("[points]\ndefault = -1", r"points\.default: must be between 0 and"),
        ("[points]\ndefault = inf", r"points\.default: must be between 0 and"),
        ("[points]\ndefault = 1e30", r"points\.default: must be between 0 and"),
        ("[points]\ndefault = true", r"points\.default: must be a number, not True"),
        ("[points]\ndefault = '10'", r"points\.default: must be a number, not '10'"),
        ("points = 10", r"points: Expected `object`"),
        ("[due]\ndefault = 10", r"due\.default: must be a date with a time, as 2026-03-01T23:59:00, not 10"),
        ("[due]\ntimeouts = '1 March'", r"due\.timeouts: must be a date with a time.* not '1 March'"),
        ("[due]\n4 = 2026-03-01", r"due\.4: must be a date with a time.* not 2026-03-01"),
        ("[due]\ndefault = 9999-12-31T23:59:59", r"due\.default: must be in one of the years"),
        ("[due]\ndefault = 0001-01-01T00:00:00", r"due\.default: must be in one of the years"),
        ("timezone = 'Mars/Base'", r"timezone: 'Mars/Base'"),
        ("timezone = '../etc'", r"timezone"),
        ('[extensions."a@x"]\nno_such = 1', r'extensions\."a@x"\.no_such: No kata is named'),
        ("[extensions]\njane = 48", r"extensions\.jane: must be a table of katas, not 48"),
        ("[extensions.jane]\ndefault = 'x'", r"extensions\.jane\.default: must be a date with a time"),
        *(
            (f"[extensions.jane]\ndefault = {value}", r"extensions\.jane\.default: must be between")
            for value in ("1e300", "nan", "inf", "-inf", "-1", "1" + "0" * 400)
        ),
        ("[late\n", r"not TOML"),
        ("x = '\udcff'", r"not TOML"),
        ("x = " + "[" * 50_000, r"not TOML"),
        ("x = " + "9" * 5_000, r"not TOML"),
    ],
)
def test_a_wrong_policy_is_refused_with_the_key_that_is_wrong(tmp_path, text, words):
    """And with what would do."""
    with pytest.raises(BadInput) as refused:
        read(tmp_path, text)
    assert re.search(words, str(refused.value)), str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "[due]\ndefault = 2999-12-31T23:59:59\n[extensions.alice]\ndefault = 87840\n",
        "timezone = 'Asia/Tokyo'\n[due]\ndefault = 1970-01-01T00:00:00\n[late]\ngrace_minutes = 5270400\n",
        "[points]\ndefault = 1000000\n",
    ],
)
def test_the_largest_values_allowed_make_marks(tmp_path, text):
    """Bounds are where sums still work."""
    policy = read(tmp_path, text)
    due = policy.due_for("timeouts", ["alice"])
    assert due is None or policy.penalty(DUE - due) >= 0
    assert policy.worth("timeouts", 3) >= 3


def test_a_policy_that_is_not_there_is_said(tmp_path):
    """By its path."""
    with pytest.raises(BadInput, match="cannot be read"):
        read_policy(tmp_path / "none.toml", [])


# -- what does nothing -----------------------------------------------------------------------------
def ledger(*, at: datetime | None = DUE, late: bool = False) -> Ledger:
    """Alice's two hand-ins, the second one timed and flagged as told."""
    students = (Student(id="alice", email="Alice@X.org"), Student(id="bob", lms_id="77"))
    marks = {
        ("alice", kata.slug): _mark(kata.slug, when, late)
        for kata, when in zip(KATAS, (DUE if at else None, at), strict=True)
    }
    return Ledger(katas=KATAS, students=students, marks=marks)


def _mark(slug: str, at: datetime | None, late: bool) -> Mark:
    kata = next(kata for kata in KATAS if kata.slug == slug)
    source = Submission(source=b"x", filename="x.py")
    made = judgement(kata, source, accepted=True)
    attempt = Attempt(
        student_id="alice",
        slug=slug,
        sha256=source.sha256,
        filename="x.py",
        source_path="x.py",
        submitted_at=at,
        late=late,
        newness=(0.0, 0, 0),
    )
    return Mark(
        student_id="alice",
        slug=slug,
        attempt=attempt,
        attempts=1,
        judgement=made,
        raw=3,
        max_raw=3,
        worth=3,
        points=3,
    )


def test_an_extension_for_somebody_who_is_not_there_is_told():
    """A mistyped address is found before the student complains."""
    due = {"default": DUE}
    known = {"alice@x.org": {"default": 1.0}, "77": {"default": 1.0}, "ALICE": {"default": 1.0}}
    assert policy_notes(Policy(due=due, extensions=known), ledger()) == []
    (note,) = policy_notes(Policy(due=due, extensions={**known, "zoe@x.org": {"default": 1.0}}), ledger())
    assert note == "the extension of 'zoe@x.org' has no effect: no student has that id or e-mail"


def test_due_dates_for_hand_ins_without_times_are_told():
    """All of them, or how many."""
    policy = Policy(due={"default": DUE}, late=Late(percent=10))
    assert policy_notes(policy, ledger()) == []
    assert policy_notes(policy, ledger(at=None)) == [
        "[due] has no effect: no submission has a timestamp"
    ]
    half = ledger()
    half.marks["alice", "timeouts"] = _mark("timeouts", None, False)
    (note,) = policy_notes(policy, half)
    assert note == "[due] has no effect on 1 of 2 submissions: no timestamp"


def test_percents_that_can_never_apply_are_told():
    """Without a due time, and to what is only flagged as late."""
    assert policy_notes(Policy(late=Late(percent=10)), ledger()) == [
        "late.percent has no effect without a time in [due]"
    ]
    canvas = ledger(at=None, late=True)
    notes = policy_notes(Policy(due={"default": DUE}, late=Late(percent=10)), canvas)
    assert len(notes) == 2
    assert "late.percent has no effect on 2 submissions" in notes[1]
    assert "late.flagged_percent counts" in notes[1]
    meant = Policy(due={"default": DUE}, late=Late(percent=10, flagged_percent=10))
    assert not [note for note in policy_notes(meant, canvas) if "percent" in note]


def test_tables_for_katas_that_nobody_handed_in_are_told_in_a_line_each():
    policy = Policy(
        points={"default": 5, "gather_readings": 8, "task_group": 9, "background_task": 9},
        due={"default": DUE, "task_group": DUE},
        extensions={"alice": {"timeouts": 1.0}, "77": {"task_group": 1.0}},
    )
    assert policy_notes(policy, ledger()) == [
        "[points] has no effect for background_task, task_group: there is no submission for it",
        "[due] has no effect for task_group: there is no submission for it",
        "[extensions.'77'] has no effect for task_group: there is no submission for it",
    ]


def test_hours_with_nothing_to_be_added_to_are_told():
    (note,) = policy_notes(Policy(extensions={"alice": {"default": 5.0}}), ledger())
    assert note == "hours in [extensions] have no effect without a time in [due]"
    until = Policy(extensions={"alice": {"default": DUE}})
    assert policy_notes(until, ledger()) == []


def test_no_policy_has_nothing_to_tell():
    assert policy_notes(Policy(), ledger(at=None, late=True)) == []
