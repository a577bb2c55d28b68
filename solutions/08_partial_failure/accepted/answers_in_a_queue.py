"""Each shop's outcome goes into a queue as it comes; they are put in order at the end."""

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
        try:
            await writer.wait_closed()
        except OSError:
            pass
    if answer.startswith("sorry"):
        raise ShopError(answer)
    return int(answer)


def describe(error):
    return str(error) if isinstance(error, ShopError) else type(error).__name__


async def compare_prices(shops, item):
    outcomes = asyncio.Queue()

    async def ask(shop):
        try:
            outcomes.put_nowait((shop, await ask_price(shop, item), None))
        except Exception as error:
            outcomes.put_nowait((shop, None, describe(error)))

    prices, problems = {}, {}
    async with asyncio.TaskGroup() as group:
        for shop in shops:
            group.create_task(ask(shop))
        for _ in shops:
            shop, price, problem = await outcomes.get()
            if problem is None:
                prices[shop] = price
            else:
                problems[shop] = problem
    place = {shop: number for number, shop in enumerate(shops)}
    return dict(sorted(prices.items(), key=lambda pair: place[pair[0]])), {
        shop: problems[shop] for shop in sorted(problems, key=place.get)
    }
