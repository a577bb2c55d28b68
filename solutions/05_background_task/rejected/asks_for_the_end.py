"""Rejected by test_report_is_right: RUNTIME_ERROR. Asks for a page before it looks whether there is one."""

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
    while True:
        answer = await ask("logbook", page)
        if answer == "torn":
            raise LogbookError(page)
        count, page = answer.split()
        ships += int(count)
        if page == "end":
            return ships


async def write_report(bay, page):
    coming = asyncio.create_task(fetch_forecast(bay))
    try:
        ships = await count_ships(page)
    except BaseException:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        raise
    forecast = await coming
    return f"{bay}: {forecast}, {ships} ships logged"
