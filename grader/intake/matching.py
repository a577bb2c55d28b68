"""Which file is which kata: by its name, else by its folder's name, else by what it defines.

Tests, `conftest.py` and packaging lie beside answers and are none (`lies_beside`), whatever their names.
Ambiguity is said and never guessed away. Source is looked at line by line and never parsed: the
parser of CPython can be crashed by a hostile file, and a file that does not parse still has to find
its kata so that its author is told so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from msgspec.structs import replace

from grader.intake.items import Answer, NoAnswer, PythonFile, SupportFile, Sureness
from grader.records import Kata, Record

SEPARATORS = re.compile(r"[\s\-.+_()\[\]]+")
DEFINITION = re.compile(
    rb"^(?:async[ \t]+def|def|class)[ \t]+([A-Za-z_]\w*)|^([A-Za-z_]\w*)[ \t]*[:=](?!=)", re.M
)

BESIDE = re.compile(r"conftest|setup|__init__|test_.*|.*_test", re.S)
"""Names that pytest and packaging give a meaning."""
TEST_FOLDERS = frozenset({"test", "tests"})
NEVER_TAKEN = "never taken for an answer: tests, conftest.py or packaging"


class Match(Record, frozen=True):
    """The kata that a file answers, or why none could be told."""

    slug: str = ""
    remainder: str = ""
    """What is left of the name without the kata: `alice` of `alice_04_gather_readings`."""
    why: str = ""
    sure: bool = False
    """Whether the file says so itself, by its name or by what it defines, and not just its folder."""
    fits: tuple[str, ...] = ()
    """The katas all of whose entry points it defines alike, where there are several."""


def match_katas(
    files: Iterable[PythonFile | SupportFile | NoAnswer], katas: Sequence[Kata], wanted: Sequence[Kata]
) -> Iterator[Answer | SupportFile | NoAnswer]:
    """The files with the katas that they may answer; `katas` is everything that a file might be."""
    slugs = {kata.slug for kata in wanted}
    only = wanted[0].slug if len(wanted) == 1 else ""
    for file in files:
        if isinstance(file, PythonFile):
            yield _answer(file, katas, slugs, only)
        elif isinstance(file, SupportFile):
            yield replace(file, slug=_named_among_tests(file.own, katas, slugs))
        else:
            yield file


def _answer(file: PythonFile, katas: Sequence[Kata], slugs: Collection[str], only: str) -> Answer:
    matched = _matched(file, katas, only)
    if matched.slug and matched.slug not in slugs:
        return Answer(file=file, sureness=Sureness.NOT_GRADED, slug=matched.slug)
    if matched.slug:
        sureness = Sureness.SURE if matched.sure else Sureness.BY_FOLDER
        return Answer(file=file, sureness=sureness, slug=matched.slug)
    if only and not file.origin.kata:
        return Answer(file=file, sureness=Sureness.BY_SCOPE, slug=only)
    return Answer(file=file, sureness=Sureness.UNKNOWN, why=matched.why)


def _matched(file: PythonFile, katas: Sequence[Kata], only: str) -> Match:
    if file.origin.kata:  # the instructor's own words
        named = match_name(file.origin.kata, katas)
        why = "" if named.slug else f"there is no kata {file.origin.kata!r}"
        return Match(slug=named.slug, why=why, sure=True)
    matched = match(file.origin.inner, file.source, katas)
    return Match(slug=only, sure=True) if only in matched.fits else matched


def _named_among_tests(own: str, katas: Sequence[Kata], slugs: Collection[str]) -> str:
    """The kata graded here that a file is named for which no name, but its folder, makes a test."""
    name = PurePosixPath(own).name
    slug = "" if lies_beside(name, katas) else match_name(name, katas).slug
    return slug if slug in slugs else ""


def match(path: str, source: bytes, katas: Sequence[Kata]) -> Match:
    """The kata that the file at `path` (below its student's folder) answers."""
    named = match_name(path, katas)
    if named.why or named.sure:
        return named
    if named.slug:
        kata = next(kata for kata in katas if kata.slug == named.slug)
        return replace(named, sure=_defines_all(_defined(source), kata))
    return _match_source(source, katas)


def match_name(path: str, katas: Sequence[Kata]) -> Match:
    """By the file's own name, else by the nearest folder that names a kata."""
    parts = PurePosixPath(path).parts
    names = [python_stem(parts[-1]), *reversed(parts[:-1])]
    for index, name in enumerate(names):
        found = _named(plain_words(name), katas)
        if len(found) == 1:
            return replace(found[0], sure=index == 0)
        if found:
            slugs = ", ".join(sorted(item.slug for item in found))
            return Match(why=f"its name fits several katas: {slugs}")
    return Match()


def lies_beside(path: str, katas: Sequence[Kata]) -> bool:
    """Whether the file at `path` is by its name or place a test, a conftest or packaging, and no answer.

    A kata may be called `load_test`: its own file is an answer then.
    """
    *folders, name = PurePosixPath(path).parts
    if any(folder.casefold() in TEST_FOLDERS for folder in folders):
        return True
    stem = python_stem(name)
    if not BESIDE.fullmatch(stem.casefold()):
        return False
    return plain_words(stem) not in {plain_words(own) for kata in katas for own in (kata.slug, kata.name)}


def python_stem(name: str) -> str:
    """The name without `.py` and without the `.txt` that editors and mail programs add behind it."""
    return re.sub(r"\.py[w3]?(\.txt)?$", "", name, flags=re.I)


def is_python(name: str) -> bool:
    """Whether this is a file of Python source by its name."""
    return python_stem(name) != name


def plain_words(name: str) -> str:
    """Lower case, composed, words apart by one `_`: `04 - Gather-Readings` is `04_gather_readings`."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return SEPARATORS.sub("_", folded).strip("_")


def _named(words: str, katas: Sequence[Kata]) -> list[Match]:
    """The katas that a name names: the whole slug in it, else its number alone.

    A slug that is part of another that is there too does not count (`timeouts` in `my_timeouts_2`
    would, `task` in `background_task` not), so slugs are tried longest first and cut out.
    """
    padded = f"_{words}_"
    found = []
    for kata in sorted(katas, key=lambda kata: (-len(kata.slug), kata.slug)):
        pattern = rf"_(?:(?:kata_?)?0*{kata.number}_)?{re.escape(plain_words(kata.slug))}(?=_)"
        hit = re.search(pattern, padded)
        if hit:
            padded = padded[: hit.start()] + "_" + padded[hit.end() :]
            found.append(kata.slug)
    if not found:
        return _numbered(words, katas)
    rest = padded.strip("_")
    return [Match(slug=slug, remainder=rest) for slug in found]


def _numbered(words: str, katas: Iterable[Kata]) -> list[Match]:
    """`4`, `04`, `kata4`, `kata_04` and nothing else beside it: `homework_4` says nothing of katas."""
    hit = re.fullmatch(r"(?:(?P<who>.+)_)?kata_?(?P<kata>\d{1,3})|(?P<alone>\d{1,3})", words)
    if not hit:
        return []
    number = int(hit["kata"] or hit["alone"])
    return [Match(slug=kata.slug, remainder=hit["who"] or "") for kata in katas if kata.number == number]


def _match_source(source: bytes, katas: Sequence[Kata]) -> Match:
    """The one kata all of whose entry points the source defines at its top level."""
    defined = _defined(source)
    fitting = [kata for kata in katas if _defines_all(defined, kata)]
    if not fitting:
        return Match(why="neither its name nor what it defines says which kata it is")
    most = max(len(kata.entry_points) for kata in fitting)
    best = [kata.slug for kata in fitting if len(kata.entry_points) == most]
    if len(best) > 1:
        why = f"what it defines fits several katas: {', '.join(sorted(best))}"
        return Match(why=why, fits=tuple(best))
    return Match(slug=best[0], sure=True)


def _defined(source: bytes) -> set[str]:
    return {(hit[1] or hit[2]).decode() for hit in DEFINITION.finditer(source)}


def _defines_all(defined: set[str], kata: Kata) -> bool:
    return bool(kata.entry_points) and defined.issuperset(kata.entry_points)
