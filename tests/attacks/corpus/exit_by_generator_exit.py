"""Tries: to end checks by exceptions that frameworks swallow: GeneratorExit and CancelledError.

Control: none: what a runner makes of it differs
"""

import asyncio

turns = [GeneratorExit, asyncio.CancelledError, StopAsyncIteration]


async def read_all(names):
    raise turns[len(names) % 3]
