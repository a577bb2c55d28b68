"""Find, read and order the katas: everything that a kata's folder says, and nothing a learner did.

A kata is a folder `NN_slug` holding `kata.toml`, `README.md`, `hints.md` and `stub.py`; its suite is
`test_NN_slug.py` in the folder of suites. A folder that breaks the rules stops the whole catalogue:
its author must see it, and nobody else ever does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

import grader
from grader.errors import BadKata, NoSuchKata
from grader.records import Kata, Limits, Record

UNITS = {
    1: "coroutines and the event loop",
    2: "structure, time, cancellation",
    3: "coordination",
    4: "the language's async protocols",
    5: "leaving the loop",
    6: "network services",
}
HINT_STEPS = 3
"""How many hints there are for each stage of a kata."""

_FOLDER_NAME = re.compile(r"(?P<number>\d{2,3})_(?P<slug>[a-z][a-z0-9_]*)")
_HOME = Path(grader.__file__).parent
OWN_KATAS = (_HOME.parent / "katas").absolute()
RULES = "RULES.md"
"""The grader's own katas, beside it in a checkout and in an installed wheel."""
PACKAGED_ANSWERS = _HOME / "solutions"
"""The accepted answers to them in an installed wheel; a checkout has all answers beside the katas instead."""
_RULES = "The rules are in katas/README.md."


class _KataFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `kata.toml` may say."""

    title: str
    unit: int
    concepts: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    limits: dict[str, Any] = {}


class Catalog(Record, frozen=True):
    """All katas of one folder, by number."""

    folder: Path
    katas: tuple[Kata, ...]

    def __iter__(self) -> Iterator[Kata]:
        return iter(self.katas)

    def __len__(self) -> int:
        return len(self.katas)

    def find(self, name: str) -> Kata:
        """The kata named by number, slug, folder name, unique prefix of either, or a path in its folder.

        Raises NoSuchKata, with a suggestion where one is near.
        """
        if not name.strip():
            raise NoSuchKata("An empty name names no kata.", advice="Try `kata list`.")
        if name.isdecimal() and len(name) <= 4:
            return self._by_number(int(name))
        wanted = name.lower().replace("-", "_")
        found = [kata for kata in self.katas if wanted in (kata.slug, kata.name)]
        found = found or self._by_path(name)
        found = found or [kata for kata in self.katas if _starts(kata, wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(kata.slug for kata in found)
            raise NoSuchKata(f"Several katas begin with '{name}': {names}.", advice="Type more of it.")
        raise NoSuchKata(f"No kata is named '{name}'.", advice=self._suggestion(wanted))

    def _by_number(self, number: int) -> Kata:
        for kata in self.katas:
            if kata.number == number:
                return kata
        numbers = [kata.number for kata in self.katas]
        advice = f"They go from {numbers[0]} to {numbers[-1]}: `kata list`." if numbers else ""
        raise NoSuchKata(f"There is no kata {number}.", advice=advice)

    def _by_path(self, name: str) -> list[Kata]:
        """The innermost part of the path that is a kata's name decides."""
        try:
            path = Path(name)
            if not ("/" in name or "\\" in name or path.suffix == ".py" or path.exists()):
                return []
            path = path.absolute().resolve()
        except (OSError, ValueError):  # what no file system would take as a name
            return []
        for part in (path.name.removesuffix(".py"), *(parent.name for parent in path.parents)):
            # Windows and macOS find a file in whatever case it is typed.
            if found := [kata for kata in self.katas if part.lower() in (kata.slug, kata.name)]:
                return found
        return []

    def _suggestion(self, wanted: str) -> str:
        import difflib  # only a mistyped name pays for it

        known = {name: kata for kata in self.katas for name in (kata.slug, kata.name)}
        for near in difflib.get_close_matches(wanted, known, n=1, cutoff=0.5):
            return f"Did you mean '{known[near].slug}' ({known[near].number})?"
        return "See them all with `kata list`."


def _starts(kata: Kata, prefix: str) -> bool:
    return kata.slug.startswith(prefix) or kata.name.startswith(prefix)


def load_catalog(
    folder: Path | None = None, suites: Path | None = None, *, may_be_empty: bool = False
) -> Catalog:
    """Read every kata of `folder`, by default the grader's own, in a checkout as in an installed wheel.

    `suites` is where their suites are, by default `suites_folder`. Raises BadKata, which names the
    file and the key, or says that there are no katas: whoever makes the first one allows that.
    """
    folder = (folder or OWN_KATAS).absolute()
    suites = suites or suites_folder(folder)
    if not folder.is_dir():
        raise BadKata(f"{folder} is not a folder of katas.", advice=_RULES)
    named = {path: match for path in folder.iterdir() if (match := _FOLDER_NAME.fullmatch(path.name))}
    katas = [_read(path, match, suites) for path, match in named.items() if (path / "kata.toml").is_file()]
    if not katas and not may_be_empty:
        raise BadKata(f"{folder} holds no katas.", advice="A kata is a folder NN_slug with a kata.toml.")
    katas.sort(key=lambda kata: kata.number)
    _refuse_same_names(katas)
    _refuse_bad_order(katas)
    return Catalog(folder=folder, katas=tuple(katas))


def suites_folder(katas: Path) -> Path:
    """Where their suites are: in `suites` beside the folder (an instructor's own), else in the grader."""
    beside = katas.absolute().parent / "suites"
    return beside if beside.is_dir() else _HOME / "suites"


def _read(folder: Path, name: re.Match[str], suites: Path) -> Kata:
    file = folder / "kata.toml"
    says = _decode(file)
    _refuse_bad_values(file, says)
    return Kata(
        number=int(name["number"]),
        slug=name["slug"],
        title=says.title,
        unit=says.unit,
        folder=folder,
        suite=suites / f"test_{folder.name}.py",
        concepts=says.concepts,
        after=says.after,
        entry_points=says.entry_points,
        requires=says.requires,
        limits=_limits(file, says.limits),
    )


def _decode(file: Path) -> _KataFile:
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), _KataFile)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadKata(f"{file} is not TOML: {error}.", advice=_RULES) from None
    except msgspec.ValidationError as error:
        raise BadKata(f"{file}: {_with_key(error)}.", advice=_RULES) from None


def _with_key(error: msgspec.ValidationError, table: str = "") -> str:
    """msgspec's complaint with its `$.title` turned into the key's plain name."""
    return re.sub(r" - at `\$\.([^`]*)`", rf" (key '{table}\1')", str(error))


def _refuse_bad_values(file: Path, says: _KataFile) -> None:
    if not says.title.strip():
        raise BadKata(f"{file}: key 'title' is empty.", advice=_RULES)
    if says.unit < 1:
        raise BadKata(f"{file}: key 'unit' is {says.unit}; units count from 1.", advice=_RULES)
    for name in says.entry_points:
        if not name.isidentifier():
            raise BadKata(f"{file}: key 'entry_points' has '{name}', which is no Python name.", advice=_RULES)


def _limits(file: Path, given: dict[str, Any]) -> Limits:
    for key, value in given.items():
        if key not in Limits.__struct_fields__:
            known = ", ".join(Limits.__struct_fields__)
            raise BadKata(f"{file}: key 'limits.{key}' is unknown.", advice=f"Known are {known}.")
        if isinstance(value, int | float) and value <= 0:
            raise BadKata(f"{file}: key 'limits.{key}' must be above 0.", advice=_RULES)
    try:
        return msgspec.convert(given, Limits)
    except msgspec.ValidationError as error:
        raise BadKata(f"{file}: {_with_key(error, 'limits.')}.", advice=_RULES) from None


def _refuse_same_names(katas: list[Kata]) -> None:
    seen: dict[int | str, Kata] = {}
    for kata in katas:
        for name in (kata.number, kata.slug):
            if name in seen:
                raise BadKata(f"{kata.folder} and {seen[name].folder} are both kata '{name}'.", advice=_RULES)
            seen[name] = kata


def _refuse_bad_order(katas: list[Kata]) -> None:
    """Every name in `after` is a kata, and none comes after itself by any way round."""
    import graphlib

    slugs = {kata.slug: kata for kata in katas}
    for kata in katas:
        for name in kata.after:
            if name not in slugs:
                raise BadKata(f"{kata.folder / 'kata.toml'}: key 'after' names '{name}', which is no kata.")
    try:
        graphlib.TopologicalSorter({kata.slug: kata.after for kata in katas}).prepare()
    except graphlib.CycleError as error:
        around = error.args[1]
        file = slugs[around[0]].folder / "kata.toml"
        raise BadKata(f"{file}: key 'after' goes round in a circle: {' after '.join(around)}.") from None


# -- a kata's own files ----------------------------------------------------------------------------
def statement(kata: Kata) -> str:
    """The statement, as Markdown."""
    return _text(kata.folder / "README.md")


def rules(catalog: Catalog) -> str:
    """The rules of the house, as Markdown: the catalogue's own, or the grader's for one that has none."""
    own = catalog.folder / RULES
    return _text(own if own.is_file() else OWN_KATAS / RULES)


def stub(kata: Kata) -> str:
    """The working, blocking source that a learner starts from."""
    return _text(kata.folder / "stub.py")


def hints(kata: Kata) -> tuple[str, ...]:
    """All hints as Markdown, each with its heading: `HINT_STEPS` for each stage.

    A line `# Stage 2: ...` begins the hints of the next stage; without any there is one stage.
    """
    file = kata.folder / "hints.md"
    stages = re.split(r"^# Stage \d+.*$", _text(file), flags=re.MULTILINE)
    found: list[str] = []
    for number, text in enumerate(stages[1:] or stages, start=1):
        sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
        steps = [section.strip() for section in sections if section.startswith("## ")]
        if len(steps) != HINT_STEPS:
            where = f" for stage {number}" if len(stages) > 1 else ""
            said = f"{file} has {len(steps)} sections ('## ...'){where} instead of {HINT_STEPS}."
            raise BadKata(said, advice=_RULES)
        found += steps
    return tuple(found)


def answers(kata: Kata, kind: str = "accepted") -> tuple[Path, ...]:
    """The `accepted` or `rejected` answers, by name; an installed wheel has none that are rejected."""
    return tuple(sorted((answers_folder(kata) / kind).glob("*.py")))


def answers_folder(kata: Kata) -> Path:
    """Where the answers to the kata are: in `solutions` beside the katas, or in an installed wheel."""
    katas = kata.folder.parent
    is_packaged = katas == OWN_KATAS and PACKAGED_ANSWERS.is_dir()
    return (PACKAGED_ANSWERS if is_packaged else katas.parent / "solutions") / kata.name


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BadKata(f"{file} is missing.", advice=_RULES) from None
    except UnicodeDecodeError as error:
        raise BadKata(f"{file} is not UTF-8: {error}.", advice=_RULES) from None
