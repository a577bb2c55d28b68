"""Blind answers: written by somebody who has only statement, stub and rules, and judged for both rates.

    honest_*.py     must be accepted
    wrong_*.py      breaks a sentence of the statement, and must be rejected

They lie in a folder per kata (`12_cancel_cleanly/honest_1.py`), or in one folder with the kata in front of
the name (`12_cancel_cleanly__honest_1.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from grader.authoring.verify import Answer, judge_all, told
from grader.catalog import Catalog
from grader.engine.local import Engine
from grader.errors import BadInput
from grader.records import Judgement, Kata, Record, Submission

_NAME = re.compile(r"(?:(?P<kata>.+?)__)?(?P<kind>honest|wrong)(?:_.*)?\.py")


class BlindResult(Record, frozen=True):
    """One blind answer under one seed."""

    kata: Kata
    kind: str
    """`honest` or `wrong`."""
    file: Path
    seed: int
    accepted: bool
    why: str
    """The verdict with its reason, or why there is none."""

    @property
    def is_as_due(self) -> bool:
        """Whether an honest answer was accepted, or a wrong one rejected."""
        return self.accepted == (self.kind == "honest")


def blind_answers(folder: Path, catalog: Catalog, kata: Kata | None = None) -> list[Answer]:
    """Every blind answer below the folder. `kata` is the one of files that do not say theirs.

    Raises BadInput for a folder without any, or where nothing says which kata a file is for.
    """
    found = list(_found(folder, catalog, kata))
    if not found:
        raise BadInput(
            f"{folder} holds no blind answers.",
            advice="They are called honest_1.py and wrong_1.py, in a folder per kata.",
        )
    return found


def _found(folder: Path, catalog: Catalog, kata: Kata | None) -> Iterator[Answer]:
    for file in sorted(folder.rglob("*.py")):
        name = _NAME.fullmatch(file.name)
        if name is None:
            continue
        owner = kata or _kata_of(name["kata"] or file.parent.name, file, catalog)
        submission = Submission(source=file.read_bytes(), filename=f"{owner.slug}.py")
        yield Answer(kata=owner, kind=name["kind"], file=file, submission=submission)


def _kata_of(word: str, file: Path, catalog: Catalog) -> Kata:
    for kata in catalog:
        if word in (kata.name, kata.slug, str(kata.number), f"{kata.number:02d}"):
            return kata
    raise BadInput(
        f"Nothing says which kata {file} is for.",
        advice="Put it in a folder with the kata's name, or name KATA.",
    )


def judge_blind(
    answers: list[Answer], engines: dict[int, Engine], on_judged: Callable[[int, int], None]
) -> list[BlindResult]:
    """Judge each answer with each of these engines, which are by seed."""
    results = []
    for round_, (seed, engine) in enumerate(engines.items()):

        def count(done: int, of: int, before: int = round_ * len(answers)) -> None:
            on_judged(before + done, of * len(engines))

        judged = judge_all(answers, engine, count)
        for answer in answers:
            found = judged[answer.kata.slug, answer.submission.sha256]
            results.append(
                BlindResult(
                    kata=answer.kata,
                    kind=answer.kind,
                    file=answer.file,
                    seed=seed,
                    accepted=isinstance(found, Judgement) and found.accepted,
                    why=told(found) if isinstance(found, Judgement) else found,
                )
            )
    return results
