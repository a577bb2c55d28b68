"""Commands are printed for the user's shell, and editors are started as the system finds them."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

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


ANSWER = Path(__file__).parents[2] / "solutions" / "04_gather_readings" / "accepted" / "gather.py"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
@pytest.mark.parametrize("name", ["né.py".encode(), b"n\xe9.py"], ids=["of UTF-8", "of no encoding"])
def test_a_file_is_judged_whatever_its_name_is_made_of(tmp_path, name):
    """Without UTF-8 in the locale Python reads such names as surrogates, which nothing can encode."""
    file = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118  # a Path has no bytes
    with open(file, "wb") as answer:  # noqa: PTH123  # likewise
        answer.write(ANSWER.read_bytes())
    bare = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-P", "-m", "grader", "check", "4", "--file", file, "--json"]
    done = subprocess.run(command, cwd=tmp_path, env=bare, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["accepted"]
