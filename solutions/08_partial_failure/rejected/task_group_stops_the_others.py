"""Rejected by test_no_failure_hides_another: WRONG_ANSWER. A task group cancels the others when one fails."""

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
    tasks = {}
    try:
        async with asyncio.TaskGroup() as group:
            for shop in shops:
                tasks[shop] = group.create_task(ask_price(shop, item))
    except* Exception:
        pass
    prices, problems = {}, {}
    for shop, task in tasks.items():
        if task.cancelled():
            continue
        if task.exception():
            problems[shop] = describe(task.exception())
        else:
            prices[shop] = task.result()
    return prices, problems
