"""Each operator makes the mistake it is named for, in every place, and nothing that Python refuses."""

from __future__ import annotations

import ast
import textwrap

import pytest

from grader.authoring.mutants import OPERATORS, mutants


def bodies(operator: str, source: str) -> list[str]:
    """The mutants by that operator of a function with this body, as the bodies they got."""
    found = mutants("async def work():\n" + textwrap.indent(textwrap.dedent(source).strip(), "    "))
    texts = [mutant.source for mutant in found if mutant.operator == operator]
    return ["\n".join(line[4:] for line in text.splitlines()[1:]) for text in texts]


@pytest.mark.parametrize(
    ("operator", "source", "mutated"),
    [
        ("await dropped", "return await read(name)", ["return read(name)"]),
        (
            "gather in turn",
            "return await asyncio.gather(*map(read, names))",
            ["return [await _each for _each in map(read, names)]"],
        ),
        ("gather in turn", "a, b = await gather(one(), two())", ["a, b = [await one(), await two()]"]),
        (
            "awaited at once",
            "return create_task(read())",
            ["return (await __import__('asyncio').wait([(_mutant := create_task(read()))]), _mutant)[1]"],
        ),
        ("sleep made blocking", "await asyncio.sleep(2)", ["__import__('time').sleep(2)"]),
        ("guard removed", "async with lock:\n    count()", ["count()"]),
        (
            "guard removed",
            "async with slots, asyncio.timeout(3):\n    count()",
            ["async with asyncio.timeout(3):\n    count()", "async with slots:\n    count()"],
        ),
        ("guard removed", "async with asyncio.TaskGroup() as group:\n    group.create_task(read())", []),
        ("timeout removed", "await asyncio.wait_for(read(), 3)", ["await read()"]),
        (
            "timeout removed",
            "async with asyncio.timeout(3):\n    read()",
            ["async with asyncio.timeout(None):\n    read()"],
        ),
        ("timeout removed", "await asyncio.wait(tasks, timeout=3)", ["await asyncio.wait(tasks)"]),
        (
            "limit off by one",
            "slots = asyncio.Semaphore(limit)",
            ["slots = asyncio.Semaphore(limit + 1)", "slots = asyncio.Semaphore(limit - 1)"],
        ),
        (
            "limit off by one",
            "queue = asyncio.Queue(maxsize=5)",
            ["queue = asyncio.Queue(maxsize=5 + 1)", "queue = asyncio.Queue(maxsize=5 - 1)"],
        ),
        ("bound off by one", "return count < limit", ["return count <= limit"]),
        ("bound off by one", "return count == limit", []),
        (
            "return_exceptions flipped",
            "await gather(*tasks, return_exceptions=True)",
            ["await gather(*tasks, return_exceptions=False)"],
        ),
        (
            "return_exceptions flipped",
            "await gather(*tasks)",
            ["await gather(*tasks, return_exceptions=True)"],
        ),
        (
            "cancellation swallowed",
            "try:\n    go()\nexcept CancelledError:\n    undo()\n    raise",
            ["try:\n    go()\nexcept CancelledError:\n    undo()"],
        ),
        (
            "cancellation swallowed",
            "try:\n    go()\nexcept Exception:\n    undo()",
            ["try:\n    go()\nexcept BaseException:\n    undo()"],
        ),
        ("finally dropped", "try:\n    go()\nfinally:\n    close()", ["go()"]),
        (
            "finally dropped",
            "try:\n    go()\nexcept OSError:\n    pass\nfinally:\n    close()",
            ["try:\n    go()\nexcept OSError:\n    pass"],
        ),
        ("task reference dropped", "kept.add(task)", ["pass"]),
        ("task reference dropped", "kept.add(create_task(read()))", ["create_task(read())"]),
        ("task reference dropped", "self.task = create_task(read())", ["create_task(read())"]),
        (
            "clean-up dropped",
            "writer.close()\nawait writer.wait_closed()",
            ["await writer.wait_closed()", "writer.close()"],
        ),
        ("drain dropped", "await writer.drain()", ["pass"]),
        ("wake-up dropped", "queue.task_done()", ["pass"]),
        ("shield removed", "await asyncio.shield(commit())", ["await commit()"]),
        (
            "waited without a loop",
            "while not ready:\n    await condition.wait()",
            ["if not ready:\n    await condition.wait()"],
        ),
    ],
)
def test_an_operator_makes_its_mistake(operator, source, mutated):
    assert bodies(operator, source) == mutated


def test_every_operator_is_tested_above():
    """A new operator comes with its example."""
    marks = test_an_operator_makes_its_mistake.pytestmark  # type: ignore[attr-defined]  # pytest puts it there
    assert {row[0] for row in marks[0].args[1]} == set(OPERATORS)


SOURCE = '''\
"""An answer."""

import asyncio


class Pool:
    async def fetch(self, names):
        async with self.slots:
            tasks = [asyncio.create_task(read(name)) for name in names]
            return await asyncio.gather(*tasks)


def main():
    return asyncio.run(Pool().fetch([]))
'''


def test_mutants_are_python_differ_and_stand_in_order():
    """Each text once, none the original, by line; the line they name is the original's."""
    found = mutants(SOURCE)
    texts = [mutant.source for mutant in found]
    assert len(set(texts)) == len(texts) > 4
    assert ast.unparse(ast.parse(SOURCE)) not in texts
    assert [mutant.line for mutant in found] == sorted(mutant.line for mutant in found)
    for mutant in found:
        compile(mutant.source, "mutant", "exec")
        assert mutant.was == SOURCE.splitlines()[mutant.line - 1].strip()
    assert mutants(SOURCE) == found


def test_await_cannot_be_put_where_python_has_none():
    """A task made in a plain function is not awaited at once: that would be no Python."""
    assert not any(
        mutant.operator == "awaited at once" for mutant in mutants("def f():\n    create_task(g())")
    )


def test_what_is_no_python_is_said():
    with pytest.raises(SyntaxError):
        mutants("def (")
