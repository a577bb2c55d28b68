"""Rejected by test_loop_stays_free: BLOCKED_LOOP (blocking_call_in_coroutine). Streams, but around a socket that blocks until it is connected."""

import asyncio
import socket


class ShopError(Exception):
    """A shop has answered, and has no price for us."""


async def ask_price(shop, item):
    connection = socket.create_connection((shop, 7000))
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        writer.write(item.encode() + b"\n")
        await writer.drain()
        answer = (await reader.readline()).decode().strip()
    finally:
        writer.close()
    if answer.startswith("sorry"):
        raise ShopError(answer)
    return int(answer)


def describe(error):
    return str(error) if isinstance(error, ShopError) else type(error).__name__


async def compare_prices(shops, item):
    outcomes = await asyncio.gather(*(ask_price(shop, item) for shop in shops), return_exceptions=True)
    prices, problems = {}, {}
    for shop, outcome in zip(shops, outcomes):
        if isinstance(outcome, Exception):
            problems[shop] = describe(outcome)
        else:
            prices[shop] = outcome
    return prices, problems
