"""Rejected by test_requests_overlap: NOT_CONCURRENT (created_and_awaited_at_once). A task per shop, each waited for at once."""

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
    for shop in shops:
        task = asyncio.create_task(ask_price(shop, item))
        try:
            prices[shop] = await task
        except Exception as error:
            problems[shop] = describe(error)
    return prices, problems
