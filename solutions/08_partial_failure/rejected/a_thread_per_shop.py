"""Rejected by test_requests_overlap: RUNTIME_ERROR. A hundred threads, where the machine has sixteen."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor


class ShopError(Exception):
    """A shop has answered, and has no price for us."""


def ask_price(shop, item):
    """Ask one shop for its price of one item, in cents."""
    with socket.create_connection((shop, 7000)) as connection:
        connection.sendall(item.encode() + b"\n")
        answer = connection.makefile().readline().strip()
    if answer.startswith("sorry"):
        raise ShopError(answer)
    return int(answer)


def describe(error):
    """What went wrong: in the shop's own words, or else the name of the error."""
    return str(error) if isinstance(error, ShopError) else type(error).__name__


async def compare_prices(shops, item):
    loop, pool = asyncio.get_running_loop(), ThreadPoolExecutor(len(shops) or 1)
    asking = [loop.run_in_executor(pool, ask_price, shop, item) for shop in shops]
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    pool.shutdown()
    prices, problems = {}, {}
    for shop, outcome in zip(shops, outcomes):
        if isinstance(outcome, Exception):
            problems[shop] = describe(outcome)
        else:
            prices[shop] = outcome
    return prices, problems
