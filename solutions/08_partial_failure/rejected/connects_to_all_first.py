"""Rejected by test_no_failure_hides_another: NOT_CONCURRENT. Asks nobody before the farthest shop is connected."""

import asyncio


class ShopError(Exception):
    """A shop has answered, and has no price for us."""


async def ask_price(connection, item):
    if isinstance(connection, Exception):
        raise connection
    reader, writer = connection
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
    connecting = (asyncio.open_connection(shop, 7000) for shop in shops)
    connections = await asyncio.gather(*connecting, return_exceptions=True)
    outcomes = await asyncio.gather(*(ask_price(each, item) for each in connections), return_exceptions=True)
    prices, problems = {}, {}
    for shop, outcome in zip(shops, outcomes):
        if isinstance(outcome, Exception):
            problems[shop] = describe(outcome)
        else:
            prices[shop] = outcome
    return prices, problems
