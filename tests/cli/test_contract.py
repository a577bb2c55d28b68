"""What holds for every command: exit codes, one line per error, no traceback, a light start."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from grader import __version__
from grader.catalog import OWN_KATAS
from grader.cli import SECTIONS, cli
from grader.cli.errors import exits
from grader.errors import BadInput, JudgeError

COMMANDS = [name for names in SECTIONS.values() for name in names]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches_itself(kata, name):
    """--help leaves with 0 and has a sentence; all but groups show an example."""
    told = kata(name, "--help")
    assert told.exit_code == 0
    assert "Usage: kata" in told.output
    assert "Example" in told.output or name in ("doctor", "progress", "dev")


def test_help_lists_every_command_by_section(kata):
    """The first screen is the map."""
    told = kata("--help")
    for word in (*COMMANDS, *SECTIONS):
        assert word in told.output


@pytest.mark.parametrize("arguments", [[], ["dev"]])
def test_a_group_without_a_command_shows_its_help(kata, arguments):
    """All of it, as written, and not squeezed into a line."""
    told = kata(*arguments)
    assert told.exit_code == 2
    assert told.stdout.startswith("Usage: kata")
    assert told.stdout.count("\n") > 8
    assert told.stderr == ""


def test_version(kata):
    assert kata("--version").output == f"kata, version {__version__}\n"


@pytest.mark.parametrize("name", ["show", "open", "check", "watch", "hint", "run", "race", "timeline"])
def test_a_kata_that_may_be_left_out_stands_in_brackets(kata, name):
    assert kata(name, "--help").output.startswith(f"Usage: kata {name} [OPTIONS] [KATA]\n")


@pytest.mark.parametrize("arguments", [["chekc"], ["check", "--bogus"], ["list", "--unit", "x"], ["reset"]])
def test_usage_errors_are_one_line_and_two(kata, arguments):
    """Exit code 2 and one line that leads to the help."""
    refused = kata(*arguments)
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1
    assert "--help`" in refused.stderr


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (BadInput("No such thing.", advice="Try another."), 2, "kata: No such thing. Try another.\n"),
        (JudgeError("The suite broke."), 3, "kata: The suite broke.\n"),
        (KeyboardInterrupt(), 130, ""),
        (
            PermissionError(13, "Permission denied", "x.py"),
            2,
            "kata: Permission denied: x.py. Check the path and its permissions.\n",
        ),
        (
            OSError(30, "Read-only file system", "x.py"),
            2,
            "kata: Read-only file system: x.py. Check the path and its permissions.\n",
        ),
        (
            FileNotFoundError(2, "No such file or directory"),
            2,
            "kata: The current folder no longer exists. Change to another one.\n",
        ),
        (ValueError("unforeseen\nand long"), 3, None),
    ],
)
def test_exceptions_become_exit_codes(raised, code, said):
    """Ours by their kind, interrupts quietly, all else as our error with a way to report it."""

    @click.command()
    @exits
    def fails() -> None:
        raise raised

    result = CliRunner().invoke(fails, [])
    assert result.exit_code == code
    if said is None:
        assert "KATA_DEBUG=1" in result.stderr
        assert result.stderr.count("\n") == 1
    else:
        assert result.stderr == said


def test_an_interrupt_is_one_whatever_it_turns_into(monkeypatch):
    """Ctrl-C strikes where the code is; what that code makes of it on its way up does not matter."""

    @click.command()
    @exits
    def fails() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise SystemError("something else on the way up") from None

    before = signal.getsignal(signal.SIGINT)
    result = CliRunner().invoke(fails, [])
    assert (result.exit_code, result.stdout) == (130, "")
    assert signal.getsignal(signal.SIGINT) is before


def test_debugging_shows_the_traceback(monkeypatch):
    """KATA_DEBUG=1 lets the exception through."""
    monkeypatch.setenv("KATA_DEBUG", "1")

    @click.command()
    @exits
    def fails() -> None:
        raise ValueError("unforeseen")

    assert isinstance(CliRunner().invoke(fails, []).exception, ValueError)


def _python(code: str, **environment: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
        timeout=60,
    )
    return ran.stdout


HEAVY = {"pytest", "_pytest", "rich", "asyncio", "sqlite3", "distributed", "jinja2", "markdown_it"}


@pytest.mark.parametrize(("arguments", "needed"), [(["--help"], set()), ([], set()), (["list"], {"rich"})])
def test_what_a_command_does_not_need_is_not_imported(arguments, needed):
    """The command line starts fast because what a command needs is imported when it runs."""
    code = (
        "import sys\n"
        "from grader.cli import cli\n"
        f"try: cli({arguments!r})\n"
        "except SystemExit: pass\n"
        f"print('HEAVY', sorted({HEAVY - needed!r} & set(sys.modules)))"
    )
    assert "HEAVY []" in _python(code)


@pytest.mark.parametrize(("typed", "offered"), [("ga", "gather_readings"), ("4", "4"), ("", "task_group")])
def test_names_of_katas_complete(katas, typed, offered):
    """`kata check ga<TAB>` offers the slug, a digit offers numbers."""
    words = {"_KATA_COMPLETE": "bash_complete", "COMP_WORDS": f"kata show {typed}", "COMP_CWORD": "2"}
    told = _python("from grader.__main__ import main; main()", KATA_KATAS=str(katas), **words)
    assert f"plain,{offered}" in told.splitlines()


def test_a_reader_that_goes_away_is_no_error():
    """`kata list | head` prints no complaint."""
    code = "from grader.__main__ import main; import sys; sys.argv = ['kata', 'list']; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""


def test_an_interrupt_in_the_midst_of_an_import_is_130_too():
    """CPython would end the process by the signal, for code that was run from text was interrupted."""
    code = (
        "from grader.cli.errors import exits\n"
        "def interrupted():\n"
        "    exec('import signal; signal.raise_signal(signal.SIGINT)')\n"
        "exits(interrupted)()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (130, b"")


def test_what_waits_for_an_orderly_end_still_gets_it():
    """`kata` ends without taking itself apart, and with the command's own code."""
    code = (
        "import atexit, sys; atexit.register(print, 'goodbye')\n"
        "from grader.__main__ import main; sys.argv = ['kata', 'show', '99']; main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "goodbye\n")


@pytest.mark.parametrize("module", ["grader.cli", "click", "grader.cli.list"])
def test_an_interrupt_before_the_command_begins_is_quiet_too(module):
    """While it is still being imported."""
    code = (
        "import signal, sys\n"
        "class Striking:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: signal.raise_signal(signal.SIGINT)\n"
        "from grader.__main__ import main\n"
        "sys.meta_path.insert(0, Striking())\n"
        "sys.argv = ['kata', 'list']\n"
        "main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")


STUB = shlex.quote(str(OWN_KATAS / "01_first_coroutine" / "stub.py"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
@pytest.mark.parametrize(
    ("typed", "code", "lines"),
    [
        ("list >&-", 2, 1),
        ("list >/dev/full", 2, 1),
        ("--help >/dev/full", 2, 1),
        ("show 1 >/dev/full", 2, 1),
        (f"check 1 --file {STUB} --json >/dev/full", 2, 1),
        (f"check 1 --file {STUB} >&-", 2, 1),
        (f"run 1 --file {STUB} >/dev/full", 2, 1),
        ("show 99 2>&-", 2, 0),
        ("show 99 2>/dev/full", 2, 0),
        ("show 99 >&- 2>&-", 2, 0),
        ("list >/dev/null 2>&-", 0, 0),
    ],
)
def test_streams_that_are_closed_or_full_are_no_error_of_ours(tmp_path, typed, code, lines):
    """Nothing can be said on stdout: 2, and one line where there is a stderr."""
    ended = subprocess.run(
        ["sh", "-c", f"{shlex.quote(sys.executable)} -m grader {typed}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(OWN_KATAS.parent)},
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (code, "")
    assert ended.stderr.count("\n") == lines
    assert "ours" not in ended.stderr
    assert "Traceback" not in ended.stderr


AUTHORS = ["blind", "mutate", "new", "test", "verify"]


@pytest.mark.parametrize(
    "words", [[], ["dev"], *([name] for name in COMMANDS), *(["dev", name] for name in AUTHORS)], ids=" ".join
)
def test_help_fits_in_80_columns_and_is_not_cut(words):
    shown = CliRunner().invoke(cli, [*words, "--help"], terminal_width=80)
    assert shown.exit_code == 0
    lines = shown.output.splitlines()
    assert [line for line in lines if len(line) > 80 or re.search(r"[^\]]\.\.\.$", line)] == []
