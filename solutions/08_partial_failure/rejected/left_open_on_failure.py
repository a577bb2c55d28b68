"""Rejected by test_closed_in_time: LEAKED. A connection is closed only if its shop has a price."""

import asyncio


class ShopError(Exception):
    """A shop has answered, and has no price for us."""


async def ask_price(shop, item):
    reader, writer = await asyncio.open_connection(shop, 7000)
    writer.write(item.encode() + b"\n")
    answer = (await reader.readline()).decode().strip()
    if answer.startswith("sorry"):
        raise ShopError(answer)
    price = int(answer)
    writer.close()
    return price


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
