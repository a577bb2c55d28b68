"""A tour of all that a suite can do with the learner's module; its answer is beside it."""

import asyncio
import signal

import pytest

from grader.testing import assert_equal, assert_took, blocking, check, explore, points, seconds


async def test_calls_overlap(kata):
    """Several calls are under way at once."""
    results = await asyncio.gather(*(kata.call("nap", length) for length in (1, 2, 3)))
    assert_equal(results, [1, 2, 3])
    assert_took(kata, seconds(3))


@points(2)
async def test_cancelling_reaches_the_guest(kata):
    """Cancelling a call cancels its task, and clean-up is waited for."""
    call = kata.call("nap", 10)
    await asyncio.sleep(1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert_equal(kata.elapsed_ns, seconds(1.5), "The time with its clean-up")


async def test_values_cross_as_themselves(kata):
    """Plain values of every kind come back equal."""
    values = [None, True, 1, 10**30, -1.5, float("inf"), "ü\ud800", b"\0", (1, [2]), {3: {4}}, frozenset({5})]
    assert_equal(await kata.call("echo", values), values)


async def test_exceptions_cross(kata):
    """Built-in and own exceptions, their notes and their groups."""
    with pytest.raises(ZeroDivisionError) as caught:
        await kata.call("fail", "builtin")
    assert_equal(caught.value.__notes__, ["a note"])
    with pytest.raises(LookupError, match="no such") as caught:
        await kata.call("fail", "own")
    assert_equal(type(caught.value).__name__, "NoSuchThing")
    with pytest.raises(ExceptionGroup) as caught:
        await kata.call("fail", "group")
    assert_equal([type(error) for error in caught.value.exceptions], [ValueError, KeyError])


async def test_callables_stay_here(kata, clock):
    """The guest calls async, plain and blocking callables of the judge's; errors go back."""
    called_at = []

    async def fetch(name, *, delay):
        called_at.append(clock.now_ns)
        await asyncio.sleep(delay)
        return name.upper()

    @blocking
    async def crunch(number):
        await asyncio.sleep(2)
        if number < 0:
            raise ValueError("too small")
        return number * 2

    assert_equal(await kata.call("use", fetch, str.title, crunch), ["A", "B", "Abc", 42, "too small"])
    assert_equal(called_at, [0, 0], "The instants of the calls")


async def test_objects_live_there(kata):
    """Objects, their methods, context managers and iterators are used from here."""
    pool = kata.new("Pool", 2)
    async with pool.take() as first:
        assert_equal(await first.name(), "connection 1")
        async with pool.take():
            assert_equal(await pool.free(), 0)
    assert_equal(await pool.free(), 2)
    with pytest.raises(RuntimeError, match="inside"):
        async with pool.take():
            raise RuntimeError("inside")
    assert_equal(await pool.free(), 2)


async def test_iterators_live_there(kata):
    """An async generator is driven step by step, and closed."""
    seen = [item async for item in kata.new("count_to", 3)]
    assert_equal(seen, [1, 2, 3])
    iterator = kata.new("count_to", 3).iterator()
    assert_equal(await iterator.next(), 1)
    await iterator.aclose()
    with pytest.raises(StopAsyncIteration):
        await iterator.next()


async def test_programs_run_here(kata, programs):
    """A child process of the guest's is a coroutine here."""

    async def upper(proc):
        data = await proc.stdin.read()
        await proc.sleep(1)
        await proc.stdout.write(data.upper())
        return 3

    programs.add("upper", upper)
    assert_equal(await kata.call("run_program"), (3, b"HELLO"))
    assert_took(kata, seconds(1))


async def test_files_lie_here(kata, files):
    """Files of the guest's are read and written here."""
    files.put("a.txt", b"hello")
    assert_equal(await kata.call("copy_file"), "hello")
    check(files.get("b.txt") == b"hello", "The copy is wrong.")


async def test_signals_come_from_here(kata):
    """A signal reaches the guest's loop."""
    call = kata.call("wait_for_sigterm")
    await asyncio.sleep(2)
    kata.signal(signal.SIGTERM)
    assert_equal(await call, 2.0)


async def test_the_learner_serves(kata, net):
    """The judge connects to a server of the guest's, and half-closes."""
    serving = kata.call("serve", 8000)
    await asyncio.sleep(0.1)
    reader, writer = await net.connect(8000, name="client")
    writer.write(b"one\ntwo")
    writer.write_eof()
    assert_equal(await reader.read(), b"ONE\nTWO")
    writer.close()
    serving.cancel()
    await asyncio.wait([serving])


@explore(seeds=20)
async def test_is_explored(kata, rng):
    """Every seed draws its own numbers."""
    number = rng.randrange(1000)
    assert_equal(await kata.call("echo", number), number)


async def test_prints_are_heard(kata):
    """What is printed is heard, with its virtual time."""
    await kata.call("talk")
    assert_equal(kata.guest.output, [(0, "stdout", "one\n"), (seconds(1), "stderr", "two\n")])
