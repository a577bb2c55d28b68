"""Tries: to do the work, leave tasks running, and hide them from the inspection after the check.

Control: says spoke
Residual: only the guest knows which tasks it still has, and it can say that there are none
"""

import asyncio
import sys

from grader import wire
from grader.records import History

print("spoke")
link = sys.stdout.buffer.raw._link
link.on(wire.Inspect, lambda _: link.act(wire.Inspected(History())))
keep = []


async def read_station(name):
    reader, writer = await asyncio.open_connection(name, 7000)
    try:
        writer.write(b"temperature?\n")
        await writer.drain()
        return int(await reader.readline())
    finally:
        writer.close()
        await writer.wait_closed()


async def read_all(names):
    keep.append(asyncio.create_task(asyncio.sleep(10**5)))
    return await asyncio.gather(*(read_station(name) for name in names))
