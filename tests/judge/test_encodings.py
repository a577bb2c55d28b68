"""A file's encoding is what Python makes of it when it runs the file: UTF-8, or what a coding line says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from grader.records import Verdict

CODING = b"# -*- coding: latin-1 -*-\n"


def test_python_does_not_run_latin_1_without_a_coding_line(tmp_path):
    """Not even in a comment, though `compile` and `import` overlook it there."""
    path = tmp_path / "answer.py"
    path.write_bytes(b"x = 1  # caf\xe9\n")
    ended = subprocess.run([sys.executable, path], capture_output=True, check=False)
    assert b"SyntaxError: Non-UTF-8 code" in ended.stderr
    path.write_bytes(CODING + path.read_bytes())
    assert subprocess.run([sys.executable, path], check=False).returncode == 0


@pytest.mark.parametrize("line", [b"place = 'caf\xe9'\n", b"def place():\n    '''caf\xe9'''\n"])
def test_latin_1_in_a_string_cannot_be_loaded(judging, gather_answer, line):
    """The rest of the answer is right."""
    assert judging(gather_answer.encode() + line).verdict is Verdict.NOT_LOADABLE


def test_latin_1_in_a_comment_cannot_be_loaded_either(judging, gather_answer):
    """Python refuses to run the file, so it earns no points."""
    judgement = judging(gather_answer.encode() + b"# caf\xe9\n")
    assert judgement.verdict is Verdict.NOT_LOADABLE
    assert judgement.points == 0


def test_latin_1_with_a_coding_line_is_judged(judging, gather_answer):
    """As Python runs it."""
    assert judging(CODING + gather_answer.encode() + b"# caf\xe9\n").verdict is Verdict.ACCEPTED
