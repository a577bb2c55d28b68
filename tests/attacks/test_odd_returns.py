"""Whatever an answer returns, hands over, raises or sends: it is judged, and no suite breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from grader.catalog import load_catalog
from grader.judge import Judge, Options
from grader.records import Kata, Submission, Verdict

ODD = (
    *("None", "5", "'x'", "[]", "{}", "[None]", "[[1], [2]]", "b'x'", "float('nan')", "{'a': [1]}", "True"),
    *("(1, 2)", "(None, None)", "({}, {})", "[{}]", "10**30", "['a', 'b']", "{1: 2}", "[('a', None)]"),
    *(
        "0",
        "''",
        "b''",
        "-1",
        "[1, 'a', None]",
        "{None: {}}",
        "10**3000",
        "-10**40",
        "float('inf')",
        "'\\ud800'",
    ),
    *(
        "object()",
        "KeyError('x')",
        "OSError",
        "nothing()",
        "(n for n in '123')",
        "[nothing()]",
        "{'a': object()}",
    ),
    *("lambda: 5", "...", "{1, 2}", "frozenset()", "3 + 4j", "[[[[[]]]]]", "'x' * 100_000", "range(3)"),
    *("nothing", "asyncio", "iter(())", "memoryview(b'x')", "asyncio.sleep(0)", "asyncio.Event()", "type"),
)
RAISED = (
    *(
        "KeyError(None)",
        "OSError(1, [], object())",
        "ExceptionGroup('x', [ValueError()])",
        "StopIteration(5)",
    ),
    *(
        "type('Odd', (ValueError,), {})({}, [])",
        "BaseExceptionGroup('x', [SystemExit(1)])",
        "GeneratorExit()",
    ),
    *(
        "UnicodeDecodeError('a', b'', 0, 1, 'b')",
        "asyncio.CancelledError(1)",
        "StopAsyncIteration",
        "SystemExit",
    ),
)
SENT = (b"", b"\xff\xfe\n", b"\n", b"\0" * 1000 + b"\n", b"page-0\n" * 3, b"x" * 100_000, b"\xe2\x80\xa8\n")
SHARE = 4
"""Each kata gets one in so many of these, another share than its neighbours."""
PRELUDE = "import asyncio\nasync def nothing(): pass\n"
KATAS = load_catalog().katas


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge(Options(explain=False)) as made:
        yield made


def answering(kata: Kata, body: str) -> Submission:
    """An answer all of whose entry points do that with `arguments`; of a class, all of its methods."""
    source = PRELUDE + "".join(
        f"class {name}:\n"
        "    def __init__(self, *arguments, **options): self.given = arguments\n"
        "    async def run(self):\n"
        f"        arguments = self.given\n        {body}\n"
        "    def stop(self, *arguments): pass\n"
        if name == "Ticker"
        else f"class {name}(Exception): pass\n"
        if name[0].isupper()
        else f"async def {name}(*arguments, **options):\n    {body}\n"
        for name in kata.entry_points
    )
    return Submission(source=source.encode(), filename="solution.py")


HAND_OVER = """\
for callable_ in filter(callable, arguments):
            for count in (1, 2, 3):
                try:
                    found = callable_(*[{value}] * count)
                    if hasattr(found, "__await__"): await found
                except TypeError: pass
"""
SEND = """\
for name in arguments:
            for host in name if isinstance(name, list) else [name]:
                try:
                    reader, writer = await asyncio.open_connection(host, 7000)
                except (OSError, TypeError, ValueError): continue
                writer.write({value!r})
                writer.write_eof()
                await reader.read()
                writer.close()
"""
BODIES = (
    *(f"return {value}" for value in ODD),
    *(f"raise {value}" for value in RAISED),
    *(HAND_OVER.format(value=value) for value in ODD),
    *(SEND.format(value=value) for value in SENT),
)


@pytest.mark.parametrize("kata", KATAS, ids=[kata.name for kata in KATAS])
def test_a_suite_takes_whatever_it_is_given(kata: Kata, judge: Judge) -> None:
    for body in BODIES[kata.number % SHARE :: SHARE]:
        judgement = judge.judge(kata, answering(kata, body))
        broken = [check.rationale for check in judgement.checks if check.verdict is Verdict.JUDGE_ERROR]
        assert not broken, f"{body}: {broken[0]}"
        assert not judgement.accepted, body
