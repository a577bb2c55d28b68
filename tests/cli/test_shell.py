"""Commands are printed for the user's shell, and editors are started as the system finds them."""

from __future__ import annotations

import shlex

import pytest

from grader.cli import open as opening
from grader.cli import shell
from grader.cli.shell import quoted

ODD = "/home/né ann/it's $HOME `x` \\ two  blanks/a&b;c.py"


def test_an_argument_reads_back_as_it_was_whatever_is_in_it():
    assert shlex.split(f"kata check 4 --file {quoted(ODD)}")[-1] == ODD
    assert quoted("gather_readings.py") == "gather_readings.py"


@pytest.mark.parametrize(
    ("path", "printed"),
    [
        ("C:\\katas\\gather.py", "C:\\katas\\gather.py"),
        ("C:\\Users\\Zoë Q\\gather.py", '"C:\\Users\\Zoë Q\\gather.py"'),
        ("C:\\a&b\\it's.py", '"C:\\a&b\\it\'s.py"'),
    ],
)
def test_on_windows_double_quotes_hold_what_its_shells_would_take_apart(monkeypatch, path, printed):
    monkeypatch.setattr(shell.os, "name", "nt")
    found = quoted(path)
    monkeypatch.undo()
    assert found == printed


def test_on_windows_an_editor_may_lie_in_a_folder_with_blanks():
    command = '"C:\\Program Files\\Code\\bin\\code.cmd" --wait'
    assert opening._split_as_windows(command) == ["C:\\Program Files\\Code\\bin\\code.cmd", "--wait"]
