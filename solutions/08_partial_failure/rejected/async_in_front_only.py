"""Rejected by test_requests_overlap: NOT_CONCURRENT (async_in_front_only). The stub with `async` put in front."""

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
    """Ask every shop. Returns two dictionaries by shop: the prices, and what went wrong elsewhere."""
    prices, problems = {}, {}
    for shop in shops:
        try:
            prices[shop] = ask_price(shop, item)
        except Exception as error:
            problems[shop] = describe(error)
    return prices, problems
