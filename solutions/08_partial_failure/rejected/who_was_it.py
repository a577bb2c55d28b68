"""Rejected by test_no_failure_hides_another: WRONG_ANSWER. The failures stand under the name of the last shop."""

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
    tasks = []
    for shop in shops:

        async def ask():
            try:
                prices[shop] = await ask_price(shop, item)
            except Exception as error:
                problems[shop] = describe(error)

        tasks.append(asyncio.create_task(ask()))
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    return prices, problems
