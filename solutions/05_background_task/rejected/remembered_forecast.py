"""Rejected by test_many_reports_at_once: WRONG_ANSWER. A forecast that was fetched once is given out for ever."""

import asyncio


class ForecastError(Exception):
    """The weather office has no forecast."""


class LogbookError(Exception):
    """A page of the logbook cannot be read."""


async def ask(host, question):
    reader, writer = await asyncio.open_connection(host, 7000)
    try:
        writer.write(question.encode() + b"\n")
        await writer.drain()
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()
        await writer.wait_closed()


async def fetch_forecast(bay):
    answer = await ask("weather", bay)
    if answer.startswith("sorry"):
        raise ForecastError(answer)
    return answer


async def count_ships(page):
    ships = 0
    while page != "end":
        answer = await ask("logbook", page)
        if answer == "torn":
            raise LogbookError(page)
        count, page = answer.split()
        ships += int(count)
    return ships


known = {}


async def forecast_for(bay):
    if bay not in known:
        known[bay] = await fetch_forecast(bay)
    return known[bay]


async def write_report(bay, page):
    both = await asyncio.gather(forecast_for(bay), count_ships(page), return_exceptions=True)
    for outcome in both:
        if isinstance(outcome, Exception):
            raise outcome
    forecast, ships = both
    return f"{bay}: {forecast}, {ships} ships logged"
