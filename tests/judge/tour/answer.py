"""The module that the tour's suite drives."""

import asyncio
import signal
import sys
import time
from contextlib import asynccontextmanager


async def nap(length):
    try:
        await asyncio.sleep(length)
    except asyncio.CancelledError:
        await asyncio.sleep(0.5)
        raise
    return length


async def echo(value):
    return value


class NoSuchThing(LookupError):
    pass


async def fail(how):
    if how == "builtin":
        error = ZeroDivisionError("no")
        error.add_note("a note")
        raise error
    if how == "own":
        raise NoSuchThing("no such thing")
    raise ExceptionGroup("both", [ValueError("a"), KeyError("b")])


async def use(fetch, plain, crunch):
    both = await asyncio.gather(fetch("a", delay=1), fetch("b", delay=1))
    try:
        crunch(-1)
    except ValueError as error:
        return [*both, plain("abc"), crunch(21), str(error)]


class Connection:
    def __init__(self, number):
        self.number = number

    async def name(self):
        return f"connection {self.number}"


class Pool:
    def __init__(self, size):
        self._free = [Connection(number) for number in range(size, 0, -1)]

    @asynccontextmanager
    async def take(self):
        connection = self._free.pop()
        try:
            yield connection
        finally:
            self._free.append(connection)

    async def free(self):
        return len(self._free)


async def count_to(number):
    for step in range(1, number + 1):
        await asyncio.sleep(1)
        yield step


async def run_program():
    process = await asyncio.create_subprocess_exec("upper", stdin=-1, stdout=-1)
    out, _ = await process.communicate(b"hello")
    return process.returncode, out


async def copy_file():
    def copy():
        with open("a.txt") as source, open("b.txt", "w") as target:
            text = source.read()
            target.write(text)
            return text

    return await asyncio.to_thread(copy)


async def wait_for_sigterm():
    loop = asyncio.get_running_loop()
    came = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, came.set)
    start = time.monotonic()
    await came.wait()
    loop.remove_signal_handler(signal.SIGTERM)
    return time.monotonic() - start


async def serve(port):
    async def handle(reader, writer):
        writer.write((await reader.read()).upper())
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(handle, "0.0.0.0", port) as server:
        await server.serve_forever()


async def talk():
    print("one")
    await asyncio.sleep(1)
    print("two", file=sys.stderr)
