"""Rejected by test_no_failure_hides_another: NOT_CONCURRENT. Asks all at once, but connects to one after another."""

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
    connections = []
    for shop in shops:
        try:
            connections.append(await asyncio.open_connection(shop, 7000))
        except Exception as error:
            connections.append(error)
    outcomes = await asyncio.gather(*(ask_price(each, item) for each in connections), return_exceptions=True)
    prices, problems = {}, {}
    for shop, outcome in zip(shops, outcomes):
        if isinstance(outcome, Exception):
            problems[shop] = describe(outcome)
        else:
            prices[shop] = outcome
    return prices, problems
