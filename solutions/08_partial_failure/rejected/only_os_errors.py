"""Rejected by test_requests_overlap: RUNTIME_ERROR. Catches what the network does, and not what the shops say."""

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


async def compare_prices(shops, item):
    prices, problems = {}, {}

    async def ask(shop):
        try:
            prices[shop] = await ask_price(shop, item)
        except OSError as error:
            problems[shop] = describe(error)

    async with asyncio.TaskGroup() as group:
        for shop in shops:
            group.create_task(ask(shop))
    return {s: prices[s] for s in shops if s in prices}, {s: problems[s] for s in shops if s in problems}
