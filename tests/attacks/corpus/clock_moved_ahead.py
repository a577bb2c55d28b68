"""Tries: to have its own timers run at once, by moving the clock of its own machine ahead.

Control: says spoke
"""

import asyncio

from grader.sim import world

print("spoke")
kernel = world.current().kernel


async def read_all(names):
    kernel.now_ns += 10**18
    await asyncio.sleep(1)
    return []
