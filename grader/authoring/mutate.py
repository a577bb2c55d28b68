"""How much a suite sees: every mutant of the accepted answers must be rejected.

A mutant that no suite can tell from the original is listed in `solutions/NN_slug/equivalent.toml`, by
file, operator and the line that it changes, with the reason why it is none:

    [[mutant]]
    file = "gather.py"            # or "*" for all of them
    operator = "clean-up dropped"
    was = "await writer.wait_closed()"
    reason = "the connection is closed by close() already"
"""

from __future__ import annotations

import difflib
import json
import tomllib
from ast import parse, unparse
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from grader.authoring.mutants import Mutant, mutants
from grader.authoring.verify import Answer, Results, judge_all, require_all_answers, told
from grader.catalog import answers, answers_folder
from grader.engine.local import Engine
from grader.errors import BadKata
from grader.records import Kata, Record, Submission, Verdict

_NO_VERDICT = (Verdict.JUDGE_ERROR, Verdict.STALLED)


class Equivalent(Record, frozen=True, forbid_unknown_fields=True):
    """A mutant that behaves as the original does, and why."""

    file: str
    operator: str
    was: str
    reason: str

    def is_about(self, file: Path, mutant: Mutant) -> bool:
        change = self.operator, self.was
        return self.file in ("*", file.name) and change == (mutant.operator, mutant.was)


class _EquivalentFile(msgspec.Struct, forbid_unknown_fields=True):
    mutant: tuple[Equivalent, ...] = ()


class Survivor(Record, frozen=True):
    """A mutant that the suite accepted."""

    file: Path
    operator: str
    line: int
    was: str
    diff: tuple[str, ...]

    @property
    def entry(self) -> str:
        """What `equivalent.toml` would say of it; the reason is its author's to write."""
        said = (("file", self.file.name), ("operator", self.operator), ("was", self.was), ("reason", ""))
        return "\n".join(["[[mutant]]", *(f"{key} = {_quoted(text)}" for key, text in said)])


def _quoted(text: str) -> str:
    """A TOML string: JSON's are, but for one character that TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


class Score(Record, frozen=True):
    """What a suite saw of the mutants of one kata's accepted answers."""

    kata: Kata
    killed: int
    equivalent: int
    survivors: tuple[Survivor, ...]
    problems: tuple[str, ...]
    """Mutants that could not be judged, and entries of `equivalent.toml` that are about nothing."""

    @property
    def percent(self) -> float:
        """Killed, of those that are not equivalent; 100 for none at all."""
        counted = self.killed + len(self.survivors)
        return 100 * self.killed / counted if counted else 100.0


class _Bred(Record, frozen=True):
    """A mutant, where it comes from, and how it is judged."""

    file: Path
    mutant: Mutant
    answer: Answer


def mutate(
    katas: Iterable[Kata], engine: Engine, on_judged: Callable[[int, int], None] = lambda done, of: None
) -> list[Score]:
    """The score of every kata. `on_judged` is told how many of how many mutants are judged.

    Raises BadKata for an accepted answer that is not accepted: of course all its mutants are rejected.
    """
    katas = list(katas)
    require_all_answers(katas)
    _refuse_rejected(katas, engine)
    listed = {kata.slug: equivalents(kata) for kata in katas}
    bred = {kata.slug: _bred(kata) for kata in katas}
    results = judge_all(
        [
            each.answer
            for kata in katas
            for each in bred[kata.slug]
            if not any(known.is_about(each.file, each.mutant) for known in listed[kata.slug])
        ],
        engine,
        on_judged,
    )
    return [_score(kata, bred[kata.slug], listed[kata.slug], results) for kata in katas]


def _refuse_rejected(katas: list[Kata], engine: Engine) -> None:
    originals = []
    for kata in katas:
        for file in _files(kata):
            submission = Submission(source=file.read_bytes(), filename=f"{kata.slug}.py")
            originals.append(Answer(kata=kata, kind="accepted", file=file, submission=submission))
    results = judge_all(originals, engine, lambda done, of: None)
    for answer in originals:
        result = results[answer.kata.slug, answer.submission.sha256]
        if isinstance(result, str) or not result.accepted:
            said = result if isinstance(result, str) else told(result)
            raise BadKata(
                f"accepted/{answer.file.name} of {answer.kata.name} is itself not accepted: {said}.",
                advice=f"Its mutants would prove nothing: see `kata dev verify {answer.kata.number}`.",
            )


def _files(kata: Kata) -> tuple[Path, ...]:
    return answers(kata, "accepted") if kata.suite.is_file() else ()


def _bred(kata: Kata) -> list[_Bred]:
    found = []
    for file in _files(kata):
        for mutant in mutants(file.read_text(encoding="utf-8")):
            submission = Submission(source=mutant.source.encode(), filename=f"{kata.slug}.py")
            answer = Answer(kata=kata, kind="mutant", file=file, submission=submission)
            found.append(_Bred(file=file, mutant=mutant, answer=answer))
    return found


def equivalents(kata: Kata) -> tuple[Equivalent, ...]:
    """The mutants that are listed as equivalent. Raises BadKata for a list that cannot be read."""
    file = answers_folder(kata) / "equivalent.toml"
    try:
        listed = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _EquivalentFile).mutant
    except FileNotFoundError:
        return ()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise BadKata(f"{file}: {error}.", advice="Its form is in katas/README.md.") from None
    for entry in listed:
        if not entry.reason.strip():
            raise BadKata(f"{file}: '{entry.operator}' in {entry.file} has no reason.")
    return listed


def _score(kata: Kata, bred: list[_Bred], listed: tuple[Equivalent, ...], results: Results) -> Score:
    killed = equivalent = 0
    survivors: list[Survivor] = []
    problems: list[str] = []
    for each in bred:
        result = results.get((kata.slug, each.answer.submission.sha256))
        if result is None:
            equivalent += 1
        elif isinstance(result, str) or result.verdict in _NO_VERDICT:
            problems.append(
                f"{_where(each)} could not be judged: {result if isinstance(result, str) else told(result)}"
            )
        elif result.accepted:
            survivors.append(_survivor(each))
        else:
            killed += 1
    problems += [
        f"equivalent.toml: '{entry.operator}' in {entry.file} at '{entry.was}' is about no mutant"
        for entry in listed
        if not any(entry.is_about(each.file, each.mutant) for each in bred)
    ]
    return Score(
        kata=kata,
        killed=killed,
        equivalent=equivalent,
        survivors=tuple(survivors),
        problems=tuple(problems),
    )


def _where(each: _Bred) -> str:
    return f"{each.file.name}:{each.mutant.line}: {each.mutant.operator}"


def _survivor(each: _Bred) -> Survivor:
    was = unparse(parse(each.file.read_text(encoding="utf-8"))).splitlines()
    lines = difflib.unified_diff(was, each.mutant.source.splitlines(), n=0, lineterm="")
    diff = tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))
    mutant = each.mutant
    return Survivor(file=each.file, operator=mutant.operator, line=mutant.line, was=mutant.was, diff=diff)
