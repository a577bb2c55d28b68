"""Rejected by test_stopped_from_outside: WRONG_ANSWER (cancellation_swallowed). A bare `except` takes the cancellation for a shop's failure."""

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
    tasks = {shop: asyncio.create_task(ask_price(shop, item)) for shop in shops}
    prices, problems = {}, {}
    for shop, task in tasks.items():
        try:
            prices[shop] = await task
        except:
            problems[shop] = describe(task.exception() if not task.cancelled() else asyncio.CancelledError())
    return prices, problems
