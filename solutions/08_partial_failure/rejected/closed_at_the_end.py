"""Rejected by test_closed_in_time: LEAKED. All connections are closed together, when the slowest has answered."""

import asyncio
import contextlib


class ShopError(Exception):
    """A shop has answered, and has no price for us."""


async def ask_price(shop, item, stack):
    reader, writer = await asyncio.open_connection(shop, 7000)
    stack.callback(writer.close)
    writer.write(item.encode() + b"\n")
    await writer.drain()
    answer = (await reader.readline()).decode().strip()
    if answer.startswith("sorry"):
        raise ShopError(answer)
    return int(answer)


def describe(error):
    return str(error) if isinstance(error, ShopError) else type(error).__name__


async def compare_prices(shops, item):
    async with contextlib.AsyncExitStack() as stack:
        asking = (ask_price(shop, item, stack) for shop in shops)
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
    prices, problems = {}, {}
    for shop, outcome in zip(shops, outcomes):
        if isinstance(outcome, Exception):
            problems[shop] = describe(outcome)
        else:
            prices[shop] = outcome
    return prices, problems
