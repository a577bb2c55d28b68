"""Rejected by test_requests_overlap: NOT_CONCURRENT (to_thread_around_blocking). The blocking function in threads, of which there are few."""

import asyncio
import socket


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
    outcomes = await asyncio.gather(*(asyncio.to_thread(ask_price, shop, item) for shop in shops), return_exceptions=True)
    prices, problems = {}, {}
    for shop, outcome in zip(shops, outcomes):
        if isinstance(outcome, Exception):
            problems[shop] = describe(outcome)
        else:
            prices[shop] = outcome
    return prices, problems
