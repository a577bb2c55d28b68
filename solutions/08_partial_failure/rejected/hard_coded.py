"""Rejected by test_every_kind_of_failure: WRONG_ANSWER. The prices of one evening, for ever."""

async def compare_prices(shops, item):
    return {"corner-shop": 1250, "old-mill": 990}, {"night-kiosk": "ConnectionRefusedError"}
