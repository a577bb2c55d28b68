"""Rejected by test_no_failure_hides_another: RUNTIME_ERROR. Only the errors that one thinks of are caught."""

import asyncio


class ShopError(Exception):
    """A shop has answered, and has no price for us."""


async def ask_price(shop, item):
    """Ask one shop for its price of one item, in cents."""
    reader, writer = await asyncio.open_connection(shop, 7000)
    try:
        writer.write(item.encode() + b"\n")
        await writer.drain()
        answer = (await reader.readline()).decode().strip()
    finally:
        writer.close()
        try:
            await writer.wait_closed()
        except OSError:
            pass  # the shop has broken off, which we know already
    if answer.startswith("sorry"):
        raise ShopError(answer)
    return int(answer)


def describe(error):
    """What went wrong: in the shop's own words, or else the name of the error."""
    return str(error) if isinstance(error, ShopError) else type(error).__name__


async def compare_prices(shops, item):
    """Ask every shop. Returns two dictionaries by shop: the prices, and what went wrong elsewhere."""
    prices, problems = {}, {}

    async def inquire(shop):
        try:
            prices[shop] = await ask_price(shop, item)
        except (ShopError, ValueError, OSError) as error:
            problems[shop] = describe(error)

    async with asyncio.TaskGroup() as group:
        for shop in shops:
            group.create_task(inquire(shop))
    return (
        {shop: prices[shop] for shop in shops if shop in prices},
        {shop: problems[shop] for shop in shops if shop in problems},
    )
