"""Making a workspace, or adding to one what is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from grader.errors import BadInput
from grader.records import Kata, Record
from grader.workspace.files import write_new
from grader.workspace.progress import Progress

MARK = ".kata"
"""The folder that makes a folder a workspace."""

_ELSEWHERE = "Name another folder: `kata init DIR`."
_SETTINGS = {
    "files.exclude": {"**/__pycache__": True},
    "files.readonlyInclude": {"*/README.md": True},
    "python.testing.pytestEnabled": False,
    "python.testing.unittestEnabled": False,
}
_TASKS = {
    "version": "2.0.0",
    "tasks": [
        {
            "label": "kata: check this file",
            "type": "process",  # no shell, so whatever characters the path has
            "command": "kata",
            "args": ["check", "${file}"],
            "group": {"kind": "build", "isDefault": True},
            "presentation": {"clear": True, "reveal": "always"},
            "problemMatcher": [],
        }
    ],
}


class Starter(Record, frozen=True):
    """What a learner gets for one kata."""

    kata: Kata
    statement: str
    stub: str


class Made(Record, frozen=True):
    """What `create` wrote, and what it found there and left alone."""

    created: tuple[Path, ...]
    kept: tuple[Path, ...]


def create(root: Path, starters: Iterable[Starter], units: Mapping[int, str], rules: str) -> Made:
    """Make a workspace, or add to one what is missing. Never overwrites.

    `units` gives each unit's title for the README. Raises BadInput where `root` cannot be used.
    """
    starters = tuple(starters)
    if any((root / starter.kata.name / "kata.toml").exists() for starter in starters):
        raise BadInput(f"{root} holds the katas' own sources.", advice=_ELSEWHERE)
    try:
        written = {path: write_new(path, text) for path, text in _files(root, starters, units, rules)}
    except OSError as error:
        raise BadInput(f"Cannot make a workspace in {root}: {error}.", advice=_ELSEWHERE) from None
    return Made(
        created=tuple(path for path, new in written.items() if new),
        kept=tuple(path for path, new in written.items() if not new),
    )


def _files(
    root: Path, starters: tuple[Starter, ...], units: Mapping[int, str], rules: str
) -> Iterable[tuple[Path, str]]:
    for starter in starters:
        folder = root / starter.kata.name
        yield folder / "README.md", starter.statement
        yield folder / f"{starter.kata.slug}.py", starter.stub
    yield root / "README.md", _readme(starters, units)
    yield root / "RULES.md", rules
    yield root / ".vscode" / "settings.json", json.dumps(_SETTINGS, indent=2) + "\n"
    yield root / ".vscode" / "tasks.json", json.dumps(_TASKS, indent=2) + "\n"
    yield root / MARK / ".gitignore", "last/\n"
    yield root / MARK / "progress.json", msgspec.json.format(msgspec.json.encode(Progress())).decode()


def _readme(starters: tuple[Starter, ...], units: Mapping[int, str]) -> str:
    lines = [
        "# My katas",
        "",
        "Each folder holds one kata: its statement (`README.md`) and a file of working, blocking Python.",
        "Make it asynchronous, then let it be judged:",
        "",
        "    kata show 1      # the statement",
        "    kata rules       # what holds in every kata, also in RULES.md",
        "    kata check 1     # the verdict, and why",
        "    kata hint 1      # the next of three hints",
        "    kata watch       # judge at every save",
        "    kata list        # what is done",
    ]
    unit = None
    for starter in starters:
        kata = starter.kata
        if kata.unit != unit:
            unit = kata.unit
            lines += ["", f"## Unit {unit}: {units[unit]}" if unit in units else f"## Unit {unit}", ""]
        links = f"[{kata.title}]({kata.name}/README.md), [the file]({kata.name}/{kata.slug}.py)"
        lines.append(f"{kata.number}. {links}")
    return "\n".join(lines) + "\n"
