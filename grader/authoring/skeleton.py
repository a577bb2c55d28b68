"""The texts of a new kata's skeleton. It works as it stands; its TODOs, which verify lists, make it yours."""

from __future__ import annotations

KATA_TOML = """\
title = "TODO: a few words"
unit = 1
concepts = ["TODO: what it teaches"]
after = []                      # slugs of the katas that should come before
entry_points = ["ask_all"]      # what the learner's file must define
requires = []                   # third-party packages that it may import

[limits]                        # where the defaults do not do, for example: cpu_s = 2
"""
README = """\
# Kata {number}: TODO title

TODO: the story, in two or three lines.

## Today

`ask_all(names)` asks one desk after another and blocks while each one thinks. TODO

## Convert it

Make `ask_all` a coroutine function. TODO: signature, result, errors.

## What must hold

- `ask_all(names)` returns the desks' answers, in the order of `names`. For no names it returns `[]`.
- All desks are asked together: it takes as long as the slowest of them.
- The event loop is never blocked, and every connection is closed.

## Read

In the asyncio documentation: TODO
[Coroutines and Tasks: Running Tasks Concurrently](https://docs.python.org/3/library/asyncio-task.html#running-tasks-concurrently).
"""
HINTS = """\
# Hints

## A nudge

TODO: a question that makes them look at the right line.

## The way

TODO: which tool, and why it is the right one.

## Nearly there

TODO: the shape of the answer, but for the last step.
"""
STUB = '''\
"""TODO: what this does. It works, but it asks one desk after another."""

import socket


def ask(name):
    """Ask one desk for its number."""
    with socket.create_connection((name, 7000)) as connection:
        connection.sendall(b"number?\\n")
        return int(connection.makefile().readline())


def ask_all(names):
    """Ask every desk. Returns their numbers, in the order of `names`."""
    return [ask(name) for name in names]


def main():
    print(ask_all(["north", "south", "east"]))


if __name__ == "__main__":
    main()
'''
SUITE = '''\
"""Kata {number:02d}: TODO what it proves."""

# TODO: each docstring of a check is the title that learners see. Whatever takes time lies on the
# judge's side (a server, a program, a slow file, a callable): only what the judge sees is evidence.
from grader.testing import assert_equal, assert_overlaps, assert_took, milliseconds, points, seconds

PORT = 7000
DEMO = {{"north": 3.0, "south": 1.0, "east": 2.0}}


async def serve_desks(net, rng, thinking_s):
    """A desk for each name, which thinks that long; returns what each will answer."""
    numbers = {{name: rng.randint(1, 9999) for name in thinking_s}}
    for name, length_s in thinking_s.items():
        await net.serve_lines(name, PORT, lambda _, name=name: str(numbers[name]), takes_s=length_s)
    return numbers


async def demo(net, rng):
    """The world of `kata run`; returns the best possible time in nanoseconds."""
    await serve_desks(net, rng, DEMO)
    return seconds(max(DEMO.values()))


def some_count(rng):
    """How many desks: drawn alike in every check, so that none is known by it."""
    return rng.randint(5, 12)


def some_desks(rng, count):
    """That many names with thinking times of 0.1 to 2 s."""
    return {{f"desk-{{rng.randrange(10**6):06}}": rng.randint(100, 2000) / 1000 for _ in range(count)}}


async def test_answers_come_back_in_order(kata, net, rng):
    """Every desk's answer is returned, in the order asked."""
    lengths = some_desks(rng, some_count(rng))
    numbers = await serve_desks(net, rng, lengths)
    answers = await kata.call("ask_all", list(lengths))
    assert_equal(answers, [numbers[name] for name in lengths], "The answers")


async def test_no_names_have_no_answers(kata, net, rng):
    """For no names there is nothing to ask."""
    assert_equal(await kata.call("ask_all", []), [], "ask_all([])")
    assert_took(kata, 0)


@points(2)
async def test_requests_overlap(kata, net, rng):
    """All desks are asked together."""
    lengths = dict.fromkeys(some_desks(rng, some_count(rng)), 1.0)
    numbers = await serve_desks(net, rng, lengths)
    seen = await kata.call("ask_all", list(lengths))
    assert_overlaps(net, peak=len(lengths))
    assert_equal(seen, list(numbers.values()), "The numbers")


async def test_takes_as_long_as_the_slowest(kata, net, rng):
    """It takes as long as the slowest desk."""
    lengths = some_desks(rng, some_count(rng))
    numbers = await serve_desks(net, rng, lengths)
    seen = await kata.call("ask_all", list(lengths))
    assert_took(kata, milliseconds(round(max(lengths.values()) * 1000)))
    assert_equal(seen, list(numbers.values()), "The numbers")


async def test_the_loop_stays_free(kata, net, rng):
    """The event loop is never blocked."""
    lengths = some_desks(rng, some_count(rng))
    numbers = await serve_desks(net, rng, lengths)
    async with kata.heartbeat():
        seen = await kata.call("ask_all", list(lengths))
    assert_equal(seen, list(numbers.values()), "The numbers")
'''
_ASK = """\
import asyncio


async def ask(name):
    reader, writer = await asyncio.open_connection(name, 7000)
    try:
        writer.write(b"number?\\n")
        return int(await reader.readline())
    finally:
        writer.close()
        await writer.wait_closed()
"""
ACCEPTED = {
    "gather": f'''\
"""TODO: one honest way. Accepted answers differ in kind."""

{_ASK}

async def ask_all(names):
    return await asyncio.gather(*(ask(name) for name in names))
''',
    "task_group": f'''\
"""TODO: another way."""

{_ASK}

async def ask_all(names):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask(name)) for name in names]
    return [task.result() for task in tasks]
''',
    "tasks_in_a_list": f'''\
"""TODO: a third way."""

{_ASK}

async def ask_all(names):
    tasks = [asyncio.create_task(ask(name)) for name in names]
    return [await task for task in tasks]
''',
}
REJECTED = {
    "async_in_front_only": """\
\"""Rejected by test_the_loop_stays_free: BLOCKED_LOOP (async_in_front_only). TODO: why.\"""

import socket


async def ask_all(names):
    return [ask(name) for name in names]


def ask(name):
    with socket.create_connection((name, 7000)) as connection:
        connection.sendall(b"number?\\n")
        return int(connection.makefile().readline())
""",
    "awaited_in_a_loop": f'''\
"""Rejected by test_requests_overlap: NOT_CONCURRENT (awaited_in_a_loop). TODO: why."""

{_ASK}

async def ask_all(names):
    answers = []
    for name in names:
        answers.append(await ask(name))
    return answers
''',
    "as_they_come": f'''\
"""Rejected by test_answers_come_back_in_order: WRONG_ANSWER. TODO: the quick ones come first."""

{_ASK}

async def ask_all(names):
    return [await answer for answer in asyncio.as_completed([ask(name) for name in names])]
''',
    "two_at_a_time": f'''\
"""Rejected by test_takes_as_long_as_the_slowest: NOT_CONCURRENT. TODO: overlapped, but not enough."""

{_ASK}

async def ask_all(names):
    answers = []
    for start in range(0, len(names), 2):
        answers += await asyncio.gather(*(ask(name) for name in names[start : start + 2]))
    return answers
''',
    "waits_for_nobody": f'''\
"""Rejected by test_no_names_have_no_answers: RUNTIME_ERROR. TODO: asyncio.wait refuses an empty set."""

{_ASK}

async def ask_all(names):
    tasks = [asyncio.create_task(ask(name)) for name in names]
    await asyncio.wait(tasks)
    return [task.result() for task in tasks]
''',
}
