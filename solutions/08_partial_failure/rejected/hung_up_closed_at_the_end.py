"""Rejected by test_closed_in_time: LEAKED. The connection to a shop that has hung up is closed when all have answered."""

import asyncio


class ShopError(Exception):
    """A shop has answered, and has no price for us."""


async def ask_price(shop, item, hung_up):
    reader, writer = await asyncio.open_connection(shop, 7000)
    try:
        writer.write(item.encode() + b"\n")
        await writer.drain()
        answer = (await reader.readline()).decode().strip()
    except BaseException:
        writer.close()
        raise
    if not answer:
        hung_up.append(writer)
        raise ValueError("no answer")
    writer.close()
    if answer.startswith("sorry"):
        raise ShopError(answer)
    return int(answer)


def describe(error):
    return str(error) if isinstance(error, ShopError) else type(error).__name__


async def compare_prices(shops, item):
    hung_up = []
    try:
        asking = (ask_price(shop, item, hung_up) for shop in shops)
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
    finally:
        for writer in hung_up:
            writer.close()
    prices, problems = {}, {}
    for shop, outcome in zip(shops, outcomes):
        if isinstance(outcome, Exception):
            problems[shop] = describe(outcome)
        else:
            prices[shop] = outcome
    return prices, problems
