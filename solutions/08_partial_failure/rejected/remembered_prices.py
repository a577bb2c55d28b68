"""Rejected by test_every_call_asks_anew: WRONG_ANSWER. What a shop has said once is its answer for ever."""

import asyncio


class ShopError(Exception):
    """A shop has answered, and has no price for us."""


async def ask_price(shop, item):
    reader, writer = await asyncio.open_connection(shop, 7000)
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


known = {}


async def recall(shop, item):
    if (shop, item) not in known:
        known[shop, item] = await ask_price(shop, item)
    return known[shop, item]


async def compare_prices(shops, item):
    outcomes = await asyncio.gather(*(recall(shop, item) for shop in shops), return_exceptions=True)
    prices, problems = {}, {}
    for shop, outcome in zip(shops, outcomes):
        if isinstance(outcome, Exception):
            problems[shop] = describe(outcome)
        else:
            prices[shop] = outcome
    return prices, problems
