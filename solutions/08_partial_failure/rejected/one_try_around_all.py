"""Rejected by test_no_failure_hides_another: WRONG_ANSWER. One `try` around all tells of the first failure only."""

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
        except Exception as error:
            error.shop = shop
            raise

    try:
        await asyncio.gather(*(ask(shop) for shop in shops))
    except Exception as error:
        problems[error.shop] = describe(error)
    return {shop: prices[shop] for shop in shops if shop in prices}, problems
