"""Rejected by test_no_failure_hides_another: RUNTIME_ERROR (gather_without_return_exceptions). The first failure is all that comes out."""

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
    prices = await asyncio.gather(*(ask_price(shop, item) for shop in shops))
    return dict(zip(shops, prices)), {}
