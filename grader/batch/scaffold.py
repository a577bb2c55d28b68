"""The skeleton of a new kata: every file that `kata dev verify` asks for, TODO where only an author knows."""

from __future__ import annotations

import re
from pathlib import Path

from grader.catalog import Catalog, suites_folder
from grader.errors import BadInput
from grader.workspace.files import write_new

_SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

_KATA_TOML = """\
title = "TODO: a few words, capitalised"
unit = 1                      # TODO
concepts = ["TODO"]
after = []                    # slugs of the katas that should come before
entry_points = ["work"]       # TODO: what the learner's file must define
requires = []                 # third-party packages that it may import

[limits]                      # only where the defaults do not do, e.g. cpu_s = 2
"""
_README = """\
# TODO: title

TODO: the story, in two or three lines.

## Today

`{slug}.py` works, but it blocks: TODO what waits for what.

## Convert it

Make `work` a coroutine: TODO the signature, what it returns, what it raises.

## What must hold

- The results are those of the blocking version. TODO: order, errors, limits, what a cancel does.
- TODO: all requests are in flight together, so that it takes as long as the slowest.
- The loop is never blocked and nothing is left behind.

## Read

asyncio documentation: TODO "Coroutines and Tasks: Running Tasks Concurrently".
"""
_HINTS = """\
# Hints

## A nudge

TODO: a question that makes them look at the right line.

## The way

TODO: which tool, and why it is the right one.

## Nearly there

TODO: the shape of the answer, but for the last step.
"""
_STUB = '''\
"""TODO: what this does. It works, and it blocks. Make `work` a coroutine."""

import time


def work(count):
    """TODO: what it returns."""
    for _ in range(count):
        time.sleep(1)
    return count
'''
_SUITE = '''\
"""Kata {number:02d}: TODO what it proves."""

from grader.testing import assert_equal, assert_took, points, seconds

# TODO: five checks or more; each docstring is the title that learners see. Latency lives on the
# judge's side (a server, a program, a slow file, a callable), as in the suites beside this one.


async def test_result_is_right(kata, rng):
    """The result is that of the blocking version."""
    count = rng.randrange(2, 9)
    assert_equal(await kata.call("work", count), count)


@points(2)
async def test_takes_as_long_as_the_slowest(kata):
    """TODO: everything is under way together."""
    await kata.call("work", 5)
    assert_took(kata, seconds(1))
'''
_ACCEPTED = '''\
"""TODO: way {number} of doing it; the accepted answers differ in kind."""

import asyncio


async def work(count):
    await asyncio.gather(*(asyncio.sleep(1) for _ in range(count)))
    return count
'''
_REJECTED = '''\
"""Rejected by test_takes_as_long_as_the_slowest: NOT_CONCURRENT. TODO: the bug, also as the file's name."""

import asyncio


async def work(count):
    for _ in range(count):
        await asyncio.sleep(1)
    return count
'''
_WRONG = ("awaited_in_a_loop", "async_in_front_only", "blocking_sleep", "hard_coded", "fire_and_forget")


def scaffold(catalog: Catalog, number: int, slug: str) -> list[Path]:
    """Write the skeleton beside the catalogue's katas; its files. Raises BadInput where a name is taken."""
    if not _SLUG.fullmatch(slug):
        raise BadInput(f"'{slug}' is no slug.", advice="Small letters, digits and underscores: print_queue.")
    for kata in catalog:
        if number == kata.number or slug == kata.slug:
            raise BadInput(f"Kata {kata.number} {kata.slug} is there already.", advice="Choose another name.")
    written = [path for path, text in _files(catalog.folder, number, slug).items() if write_new(path, text)]
    if not written:
        raise BadInput(f"The skeleton of {slug} is there already.", advice="Fill its TODOs.")
    return written


def _files(katas: Path, number: int, slug: str) -> dict[Path, str]:
    name = f"{number:02d}_{slug}"
    home, answers = katas / name, katas.parent / "solutions" / name
    return {
        home / "kata.toml": _KATA_TOML,
        home / "README.md": _README.format(slug=slug),
        home / "hints.md": _HINTS,
        home / "stub.py": _STUB,
        suites_folder(katas) / f"test_{name}.py": _SUITE.format(number=number),
        **{answers / "accepted" / f"way_{way}.py": _ACCEPTED.format(number=way) for way in (1, 2, 3)},
        **{answers / "rejected" / f"{bug}.py": _REJECTED for bug in _WRONG},
    }
