"""The corpus: each file is an answer to kata 4 that tries to be accepted unearned, or to harm.

A file's docstring begins `Tries: ...` and goes on with any of these lines:

    Levels: full best      the levels of isolation that must stop it; without the line, all of them
    Control: ...           what shows that the channel works (see `tests/attacks/controls.py`)
    Ends: A B              the verdicts that it may get; without the line, any but ACCEPTED and JUDGE_ERROR
    Says: ...              what else the tests look at: `isolation`, `texts`
    Machine: x86_64        the only processor that it is for
    Residual: ...          why it is accepted all the same; the test is a strict xfail
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from grader.records import Submission

CORPUS = Path(__file__).parent / "corpus"
HARM = "HARM DONE"
HELD_BACK = "held back"
LEVELS = ("full", "best", "none")


@dataclass(frozen=True)
class Attack:
    """One file of the corpus and what its docstring says."""

    path: Path
    said: dict[str, str]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(self.said.get("Levels", " ".join(LEVELS)).split())

    @property
    def control(self) -> str:
        return self.said["Control"]

    @property
    def ends(self) -> tuple[str, ...]:
        return tuple(self.said.get("Ends", "").split())

    def source(self, folder: Path | str = "/nowhere", port: int = 9) -> str:
        """The file, aimed at a folder and a port of the test's own."""
        text = self.path.read_text()
        return text.replace("FOLDER_OF_THE_TEST", str(folder)).replace("PORT_OF_THE_TEST", str(port))

    def submission(self, folder: Path | str = "/nowhere", port: int = 9) -> Submission:
        return Submission(source=self.source(folder, port).encode(), filename="solution.py")


def read(path: Path) -> Attack:
    """One file of the corpus."""
    text = ast.get_docstring(ast.parse(path.read_text())) or ""
    return Attack(path, dict(re.findall(r"^([A-Z][a-z]+): (.+)$", text, re.MULTILINE)))


ATTACKS = tuple(read(path) for path in sorted(CORPUS.glob("*.py")))
