"""Rejected by test_requests_overlap: WRONG_ANSWER. The prices of one evening, for ever."""

async def compare_prices(shops, item):
    return {"corner-shop": 1250, "old-mill": 990}, {"night-kiosk": "ConnectionRefusedError"}
