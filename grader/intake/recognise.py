"""Which learning system a tree comes from: by what the system itself has written, and by nothing else.

Rules
- A format is recognised where *every* place at one depth is named as its system names them, or where the
  system's own listing lies beside them. What lies deeper is the students' and says nothing.
- That depth is the root; or one folder down, where that folder is the archive's own or named by the system.
- Where some places fit and others do not, or all fit two formats, nobody guesses: a student can have named
  one of them. The run ends and asks for `--input`.
- Where nothing fits, it is plain.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.errors import BadInput
from grader.intake.layout import Layout, Signs, wrapper
from grader.intake.tree import Tree
from grader.records import Kata

MOST_NAMED = 3
LONGEST = 80
"""An error is one line that a person reads."""


def recognise(tree: Tree, candidates: Sequence[Layout], katas: Sequence[Kata]) -> tuple[Layout, int]:
    """(the format, the number of folders around the students' places). The last resort is the last candidate.

    Raises BadInput where that cannot be told.
    """
    *layouts, plain = candidates
    unwrapped = plain.depth(tree, katas)
    around = wrapper(tree)
    for depth in (0, 1) if around else (0,):
        signs = {layout.name: layout.signs(tree, depth) for layout in layouts}
        whole = [layout for layout in layouts if signs[layout.name].fitting and not signs[layout.name].others]
        holds_class = depth == 0 or unwrapped == 1
        if len(whole) == 1 and (holds_class or whole[0].wraps(around)):
            return whole[0], depth
        if whole:
            raise _unsure(tree, [layout.name for layout in whole], around if depth else "")
        torn = [name for name, told in signs.items() if told.fitting]
        if torn and holds_class:
            raise _disagreement(tree, torn[0], signs[torn[0]])
    return plain, unwrapped


def _unsure(tree: Tree, names: Sequence[str], around: str) -> BadInput:
    if around:
        return BadInput(
            f"All of {tree.label} is in one folder, {_named([around])}: it may be a student's, or hold"
            f" a class as {names[0]} lays it out.",
            advice=f"Name that folder as PATH, or say --input {names[0]} or --input plain.",
        )
    return BadInput(
        f"{tree.label} may be {' or '.join(names)}: all its names fit both.",
        advice=f"Say which with --input {names[0]} or --input {names[1]}.",
    )


def _disagreement(tree: Tree, name: str, signs: Signs) -> BadInput:
    fit = "is named as" if len(signs.fitting) == 1 else "are named as"
    are = "is not" if len(signs.others) == 1 else "are not"
    return BadInput(
        f"The entries of {tree.label} disagree: {_named(signs.fitting)} {fit} {name} names submissions,"
        f" and {_named(signs.others)} {are}.",
        advice=f"Say what it is with --input {name} or --input plain.",
    )


def _named(names: Sequence[str]) -> str:
    shown = [name if len(name) <= LONGEST else f"{name[:LONGEST]}..." for name in names[:MOST_NAMED]]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(map(repr, shown)) + more
