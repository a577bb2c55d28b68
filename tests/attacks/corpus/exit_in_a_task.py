"""Tries: to end the process with exit code 0 from a task that the call does not wait for.

Control: exit code
"""

import asyncio
import os


async def leave():
    os._exit(0)


async def read_all(names):
    task = asyncio.ensure_future(leave())
    await asyncio.sleep(0)
    await task
