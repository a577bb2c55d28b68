"""An instructor's own suite is tried before anything is judged by it, and refused with its line."""

from __future__ import annotations

import traceback

import pytest

from grader.catalog import load_catalog, suites_folder
from grader.engine.jobs import Setup
from grader.engine.local import try_suites
from grader.errors import BadInput
from grader.grading.plan import in_brief
from grader.judge import try_suite

FINE = """import pytest

@pytest.fixture
def own():
    return 1

@pytest.mark.parametrize("number", [1, 2])
async def test_it(kata, net, own, number, request):
    pass
"""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (FINE, ""),
        (
            "import os\nimport no_such_module\n",
            "line 2: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("x = 1\n\ndef f(:\n", "line 3: SyntaxError: invalid syntax"),
        (
            "from grader.testing import nothing_of_it\n",
            "line 1: ImportError: cannot import name 'nothing_of_it'",
        ),
        ("def f():\n    return later\n\nf()\n", "line 2: NameError: name 'later' is not defined"),
        ("raise ValueError('first\\nsecond')\n", "line 1: ValueError: first"),
        ("import sys\nsys.exit(3)\n", "line 2: SystemExit: 3"),
        ("x = 1\n", "it holds no checks"),
        ("", "it holds no checks"),
        ("async def test_it(kata, nte):\n    pass\n", "test_it uses unknown fixture nte"),
        (FINE.replace(", number, ", ", "), "function uses no argument 'number'"),
    ],
)
def test_what_is_wrong_with_a_suite_is_said_in_one_line(tmp_path, text, fault):
    """The line is the suite's own, wherever the exception came from."""
    path = tmp_path / "suite.py"
    path.write_text(text)
    said, points = try_suite(path)
    assert (fault in said) if fault else not said
    assert points == (0 if fault else 1), "one check, however often it is parametrized"
    assert "\n" not in said
    assert "Traceback" not in said
    assert [file.name for file in tmp_path.iterdir()] == ["suite.py"], "nothing is written beside it"


def test_a_suite_whose_helper_is_broken_is_told_where_it_is_imported(tmp_path, monkeypatch):
    (tmp_path / "helper_of_a_suite.py").write_text("def f(:\n")
    (tmp_path / "suite.py").write_text("\nimport helper_of_a_suite\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    said, _ = try_suite(tmp_path / "suite.py")
    assert said == "line 2: SyntaxError: invalid syntax (helper_of_a_suite.py, line 1)"


def test_nothing_is_wrong_with_our_own_suites():
    """All of them, in one process, as an instructor's folder of suites would be tried."""
    catalog = load_catalog()
    setup = Setup(seed=0, isolation="best", suites=str(suites_folder(catalog.folder)))
    points = try_suites(setup, [kata.slug for kata in catalog])
    assert points.keys() == {kata.slug for kata in catalog}
    assert points["gather_readings"] == 9


def test_a_broken_suite_is_refused_by_the_process_that_would_judge(tmp_path):
    """The real judge's; what the suite prints is nobody's answer."""
    path = tmp_path / "mine.py"
    path.write_text("print('hello')\nimport no_such_module\n")
    setup = Setup(seed=0, isolation="best", suite=str(path))
    with pytest.raises(BadInput) as refused:
        try_suites(setup, ["gather_readings"])
    assert str(refused.value) == (
        f"The suite {path} cannot be run: line 2: ModuleNotFoundError: No module named 'no_such_module'."
        " Nothing was judged."
    )
    path.write_text("print('hello')\n" + FINE)
    try_suites(setup, ["gather_readings"])


def test_nothing_is_tried_where_nothing_is_unknown(monkeypatch):
    """Trying takes a process."""
    monkeypatch.setattr("grader.engine.local.WorkerProcess", None)
    assert try_suites(Setup(seed=0, suite="mine.py"), []) == {}


def test_a_suite_that_breaks_while_it_judges_is_told_without_its_traceback():
    """What was raised and on which line of the suite; other words stay as they are."""
    try:
        exec(compile("\n\n{}['key']", "/srv/suites/test_04.py", "exec"), {})
    except KeyError as error:
        drawn = "The suite itself broke: " + "".join(traceback.format_exception(error))
    assert in_brief(drawn) == "The suite itself broke: KeyError: 'key' (/srv/suites/test_04.py, line 3)"
    assert in_brief("the judging process died") == "the judging process died"
    assert in_brief("It broke: Traceback (most recent call last):\nKeyError") == "It broke: KeyError"
