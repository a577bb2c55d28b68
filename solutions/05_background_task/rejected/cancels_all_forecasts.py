"""Rejected by test_others_go_on: RUNTIME_ERROR. One report that fails takes the forecasts of all others with it."""

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


on_their_way = set()


async def write_report(bay, page):
    coming = asyncio.create_task(fetch_forecast(bay))
    on_their_way.add(coming)
    try:
        ships = await count_ships(page)
    except BaseException:
        for task in on_their_way:
            task.cancel()
        await asyncio.gather(*on_their_way, return_exceptions=True)
        raise
    forecast = await coming
    on_their_way.discard(coming)
    return f"{bay}: {forecast}, {ships} ships logged"
