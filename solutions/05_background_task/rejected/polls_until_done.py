"""Rejected by test_forecast_comes_meanwhile: NOT_CONCURRENT. Looks every tenth of a second instead of waiting."""

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
    coming = asyncio.create_task(fetch_forecast(bay))
    try:
        ships = await count_ships(page)
        while not coming.done():
            await asyncio.sleep(0.1)
        forecast = coming.result()
    except BaseException:
        coming.cancel()
        await asyncio.wait([coming])
        coming.cancelled() or coming.exception()
        raise
    return f"{bay}: {forecast}, {ships} ships logged"
