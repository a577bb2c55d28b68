"""Servers that answer lines: what a client of any kind sees of them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from grader.judge import Judge, Options
from grader.records import CheckResult, Kata, Submission, Verdict

CLIENTS = b'''
import asyncio

async def converse(parts, *, half_close=False):
    """What comes back for these bytes, sent one after another."""
    reader, writer = await asyncio.open_connection("host", 7000)
    try:
        for part in parts:
            writer.write(part.encode())
            await asyncio.sleep(0.01)
        if half_close:
            writer.write_eof()
        return (await reader.read()).decode()
    finally:
        writer.close()

async def read_slowly(size):
    reader, writer = await asyncio.open_connection("host", 7000)
    writer.write(b"all\\n")
    got = 0
    while part := await reader.read(size):
        got += len(part)
        await asyncio.sleep(0.01)
    writer.close()
    return got

async def leave_at_once():
    _, writer = await asyncio.open_connection("host", 7000)
    writer.write(b"later\\n")
    await writer.drain()
    writer.transport.abort()

async def knock():
    try:
        _, writer = await asyncio.open_connection("host", 7000)
    except ConnectionRefusedError:
        return "refused"
    writer.close()
    return "open"
'''


@pytest.fixture
def checked(kata_4: Kata, tmp_path: Path) -> object:
    """The one check of a suite with that body, against CLIENTS."""

    def check(body: str) -> CheckResult:
        suite = tmp_path / "suite.py"
        suite.write_text(
            "import asyncio\nimport pytest\nfrom grader.testing import assert_equal, assert_took, seconds\n"
            "async def test_it(kata, net, clock):\n" + textwrap.indent(textwrap.dedent(body), "    ")
        )
        with Judge(Options(suite=suite)) as judge:
            (only,) = judge.judge(kata_4, Submission(source=CLIENTS, filename="solution.py")).checks
        return only

    return check


def test_lines_are_answered_one_after_another_whatever_pieces_they_come_in(checked):
    check = checked("""
        await net.serve_lines("host", 7000, str.upper, takes_s=1.0, keep_open=True)
        answers = await kata.call("converse", ["on", "e\\ntwo\\r\\nth", "ree\\nlast"], half_close=True)
        assert_equal(answers, "ONE\\nTWO\\nTHREE\\nLAST\\n", "The answers")
        assert_took(kata, seconds(4.01))
        assert_equal([each.label for each in net.exchanges], ["one", "two", "three", "last"], "The lines")
        spans = [(each.start_ns, each.end_ns) for each in net.exchanges]
        assert all(end == start + seconds(1) for start, end in spans)
        assert all(one[1] == two[0] for one, two in zip(spans, spans[1:]))
    """)
    assert (check.verdict, check.rationale) == (Verdict.ACCEPTED, None)


def test_one_line_is_all_unless_the_connection_is_kept(checked):
    check = checked("""
        await net.serve_lines("host", 7000, lambda line: b"no line end")
        assert_equal(await kata.call("converse", ["one\\ntwo\\n"]), "no line end", "The answer")
        assert_equal(len(net.exchanges), 1, "The lines that were looked at")
    """)
    assert (check.verdict, check.rationale) == (Verdict.ACCEPTED, None)


def test_an_answer_larger_than_the_window_waits_for_its_reader(checked):
    """400,000 bytes, read 10,000 in each hundredth of a second; streams of asyncio take much ahead."""
    check = checked("""
        await net.serve_lines("host", 7000, lambda line: b"x" * 400_000)
        reading = kata.call("read_slowly", 10_000)
        await asyncio.sleep(0.005)
        on_the_way = [each.unread for each in kata.guest.port._connections.values()]
        assert_equal(on_the_way, [65_536], "The bytes that are sent and not read")
        assert_equal(await reading, 400_000, "The bytes")
        assert_took(kata, seconds(0.4))
    """)
    assert (check.verdict, check.rationale) == (Verdict.ACCEPTED, None)


def test_an_answer_may_be_worked_out_meanwhile(checked):
    check = checked("""
        async def think(line):
            await asyncio.sleep(2)
            return f"{line}!"

        await net.serve_lines("host", 7000, think, takes_s=0.5)
        assert_equal(await kata.call("converse", ["so\\n"]), "so!\\n", "The answer")
        assert_took(kata, seconds(2.5))
    """)
    assert (check.verdict, check.rationale) == (Verdict.ACCEPTED, None)


def test_a_client_that_goes_away_harms_nobody(checked):
    check = checked("""
        await net.serve_lines("host", 7000, lambda line: "too late", takes_s=1.0)
        await kata.call("leave_at_once")
        await asyncio.sleep(2)
        assert_equal(await kata.call("converse", ["still there?\\n"]), "too late\\n", "The answer")
    """)
    assert (check.verdict, check.rationale) == (Verdict.ACCEPTED, None)


def test_a_port_is_served_once_and_a_closed_one_refuses(checked):
    check = checked("""
        await net.serve_lines("host", 7000, lambda line: "1")
        with pytest.raises(OSError, match="in use"):
            await net.serve_lines("host", 7000, lambda line: "2")
        assert_equal(await kata.call("knock"), "open", "The port")
        await net.close()
        assert_equal(await kata.call("knock"), "refused", "The port")
    """)
    assert (check.verdict, check.rationale) == (Verdict.ACCEPTED, None)


@pytest.mark.parametrize(
    "answers", ["def look(line):\n", "async def look(line):\n    await asyncio.sleep(1)\n"]
)
def test_a_suite_that_cannot_answer_hangs_up_and_says_why(checked, answers, caplog):
    body = answers + (
        '    raise KeyError("no such page")\n'
        'await net.serve_lines("host", 7000, look)\n'
        'assert_equal(await kata.call("converse", ["x\\n"]), "", "What came")\n'
    )
    check = checked(body)
    assert (check.verdict, check.rationale) == (Verdict.ACCEPTED, None)
    assert "no such page" in caplog.text


def test_what_is_still_being_worked_out_at_the_end_is_let_go_without_a_word(checked, caplog, capfd):
    check = checked("""
        async def think(line):
            await asyncio.sleep(100)

        await net.serve_lines("host", 7000, think)
        call = kata.call("converse", ["x\\n"])
        await asyncio.sleep(1)
        call.cancel()
    """)
    assert (check.verdict, check.rationale) == (Verdict.ACCEPTED, None)
    assert caplog.text == ""
    assert capfd.readouterr().err == ""
