"""Rejected by test_every_way_to_fail: WRONG_ANSWER. A price is refused because the shop hangs up in place of its line end."""

import asyncio


class ShopError(Exception):
    """A shop has answered, and has no price for us."""


async def ask_price(shop, item):
    reader, writer = await asyncio.open_connection(shop, 7000)
    try:
        writer.write(item.encode() + b"\n")
        await writer.drain()
        line = await reader.readline()
    finally:
        writer.close()
    if not line.endswith(b"\n"):
        raise ValueError("no line end")
    answer = line.decode().strip()
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
