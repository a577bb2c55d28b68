"""docs/private-apis.md is complete, and what it lists is there on this Python."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import inspect
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import grader
from grader.sim.shims.asyncio_loop import SimLoop

GRADER = Path(grader.__file__).parent
PAGE = GRADER.parent / "docs" / "private-apis.md"
PARTS_OF_OUR_OWN_TEXTS = {"_each", "_mutant"}
"""Names in Python that `kata dev mutate` writes."""
OURS_OR_DOCUMENTED = {
    ("guest", "_current"),  # grader.sim.world's, watched by its name
    ("sim", "_replace"),  # namedtuple's, documented
}


def rows() -> list[tuple[str, str]]:
    return re.findall(r"^\| `([\w.()]+)` \| ([^|]+) \|", PAGE.read_text("utf-8"), re.M)


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def listed() -> set[str]:
    return {part for name, _ in rows() for part in re.findall(r"\w+", name) if private(part)}


# -- what the code uses ----------------------------------------------------------------------------
def defined(tree: ast.AST) -> Iterator[str]:
    """Names that this code gives to something of its own."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(asname=str(name)):
                yield name


def used(node: ast.AST) -> Iterator[str]:
    """Names that this code looks up: as an attribute, by an import, or in a text that is a name."""
    match node:
        case ast.JoinedStr():
            return  # pieces of texts, no names
        case ast.Attribute(attr=name):
            yield name
        case ast.Constant(value=str(text)) if text.isidentifier():
            yield text
        case ast.Import(names=names):
            yield from (part for one in names for part in one.name.split("."))
        case ast.ImportFrom(module=module, names=names):
            yield from (module or "").split(".")
            yield from (one.name for one in names)
    for child in ast.iter_child_nodes(node):
        yield from used(child)


def room(path: Path) -> str:
    return path.relative_to(GRADER).parts[0]


def leans_on() -> set[tuple[str, str]]:
    """(room, private name) of everything that is used and not made in that room.

    Of the event loop's class also what it makes anew, where stock asyncio has that name.
    """
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(GRADER.rglob("*.py"))}
    own = {(room(path), name) for path, tree in trees.items() for name in defined(tree)}
    names = {(room(path), name) for path, tree in trees.items() for name in used(tree) if private(name)}
    return {pair for pair in names - own if pair[1] not in PARTS_OF_OUR_OWN_TEXTS} - OURS_OR_DOCUMENTED


def overridden() -> set[str]:
    stock = asyncio.SelectorEventLoop()
    try:
        return {name for name in vars(SimLoop) if private(name) and hasattr(stock, name)}
    finally:
        stock.close()


def test_every_private_name_that_the_package_uses_is_on_the_page() -> None:
    missing = sorted(pair for pair in leans_on() if pair[1] not in listed())
    assert not missing, f"docs/private-apis.md lacks {missing}"
    assert overridden() <= listed()


def test_the_page_lists_nothing_that_the_package_uses_no_longer() -> None:
    texts = [path.read_text("utf-8") for path in GRADER.rglob("*.py")]
    in_use = {word for text in texts for word in re.findall(r"\b_\w+", text)}
    qualifying = {"_BaseDefaultEventLoopPolicy"}  # where another listed name is found
    assert sorted(listed() - in_use - qualifying) == []


# -- what this Python has --------------------------------------------------------------------------
def expected(on: str) -> bool:
    """Whether the column "On" asks for the name on this version and system."""
    minor = sys.version_info[1]
    for word in on.strip().split(", "):
        match word.split():
            case ["all"]:
                fits = True
            case ["from", version]:
                fits = minor >= int(version.removeprefix("3."))
            case ["until", version]:
                fits = minor <= int(version.removeprefix("3."))
            case ["only", version]:
                fits = minor == int(version.removeprefix("3."))
            case ["not", "Windows"]:
                fits = sys.platform != "win32"
            case ["Linux"]:
                fits = sys.platform == "linux"
            case _:
                raise AssertionError(f"On what is {on!r}?")
        if not fits:
            return False
    return True


def found(name: str) -> bool:
    """Whether the name is there; for `Class().name`, whether the class's own code uses it on its objects."""
    path, is_instance, of_instances = name.partition("().")
    thing, parts = _imported(path)
    for part in parts:
        if not hasattr(thing, part):
            return False
        thing = getattr(thing, part)
    return not is_instance or any(
        of_instances in member.__code__.co_names
        for owner in thing.__mro__
        for member in vars(owner).values()
        if inspect.isfunction(member)
    )


def _imported(path: str) -> tuple[Any, list[str]]:
    """The innermost module on a dotted path, and the parts behind it."""
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        with contextlib.suppress(ImportError):
            return importlib.import_module(".".join(parts[:count])), parts[count:]
    return None, parts


@pytest.mark.parametrize(("name", "on"), rows())
def test_a_listed_name_is_there(name: str, on: str) -> None:
    if not expected(on):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert found(name), f"{name} is gone: see docs/private-apis.md for what needs it"


def test_a_name_that_is_gone_is_noticed() -> None:
    assert not found("threading._no_such_name")
    assert not found("threading.Thread()._no_such_name")
    assert not found("_no_such_module.name")
    assert expected("from 3.11")
    assert not expected("until 3.10")
