"""Tries: to outlive every cancellation and every end of its world by catching them all.

Control: none: the loop has no end
"""

import asyncio


async def read_all(names):
    while True:
        try:
            await asyncio.sleep(1)
        except BaseException:
            pass
