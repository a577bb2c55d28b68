"""Rejected by test_forecast_comes_meanwhile: NOT_CONCURRENT. The first task's result is dropped and fetched again."""

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


async def write_report(bay, page):
    warming, ships = await asyncio.gather(fetch_forecast(bay), count_ships(page), return_exceptions=True)
    if isinstance(ships, Exception):
        raise ships
    forecast = await fetch_forecast(bay)
    return f"{bay}: {forecast}, {ships} ships logged"
