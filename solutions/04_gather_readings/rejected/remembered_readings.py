"""Rejected by test_every_call_asks_anew: WRONG_ANSWER. What the stations said once is their answer for ever."""

import asyncio


known = {}


async def read_station(name):
    reader, writer = await asyncio.open_connection(name, 7000)
    try:
        writer.write(b"temperature?\n")
        return int(await reader.readline())
    finally:
        writer.close()
        await writer.wait_closed()


async def read_all(names):
    asked = tuple(sorted(names))
    if asked not in known:
        readings = await asyncio.gather(*(read_station(name) for name in names))
        known[asked] = dict(zip(names, readings))
    return [known[asked][name] for name in names]
