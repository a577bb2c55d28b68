"""as_completed over coroutines that name their shop; sorted at the end; polite to the writer."""

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


async def outcome_of(shop, item):
    try:
        return shop, await ask_price(shop, item), None
    except Exception as error:
        return shop, None, describe(error)


async def compare_prices(shops, item):
    asking = [asyncio.ensure_future(outcome_of(shop, item)) for shop in shops]
    prices, problems = {}, {}
    try:
        for answered in asyncio.as_completed(asking):
            shop, price, problem = await answered
            if problem is None:
                prices[shop] = price
            else:
                problems[shop] = problem
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    place = {shop: number for number, shop in enumerate(shops)}
    return dict(sorted(prices.items(), key=lambda pair: place[pair[0]])), {
        shop: problems[shop] for shop in sorted(problems, key=place.get)
    }
