"""Tries: to end the process with exit code 0 from a callback that runs after the call.

Control: exit code
"""

import asyncio
import os


async def read_all(names):
    loop = asyncio.get_running_loop()
    loop.call_soon(lambda: loop.call_soon(lambda: os._exit(0)))
    return []
