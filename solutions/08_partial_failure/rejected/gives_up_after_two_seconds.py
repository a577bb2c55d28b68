"""Rejected by test_requests_overlap: NOT_CONCURRENT. Returns after a time in which the answers ought to have come."""

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
    try:
        await asyncio.sleep(2)
        for shop, task in tasks.items():
            if task.exception():
                problems[shop] = describe(task.exception())
            else:
                prices[shop] = task.result()
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    return prices, problems
