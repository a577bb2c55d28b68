"""asyncio.wait for all; then each task is asked for its error."""

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
    if not tasks:
        return {}, {}
    await asyncio.wait(tasks.values())
    errors = {shop: task.exception() for shop, task in tasks.items()}
    prices = {shop: tasks[shop].result() for shop, error in errors.items() if not error}
    return prices, {shop: describe(error) for shop, error in errors.items() if error}
