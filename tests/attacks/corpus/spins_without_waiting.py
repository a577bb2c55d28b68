"""Tries: to yield for ever without letting time pass.

Control: none: the loop has no end
Ends: BUSY_LOOP TIME_LIMIT
"""

import asyncio


async def read_all(names):
    while True:
        await asyncio.sleep(0)
