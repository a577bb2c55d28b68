"""Rejected by test_many_reports_at_once: WRONG_ANSWER. Reports that are written at the same time share a request."""

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


on_their_way = {}


async def write_report(bay, page):
    if bay not in on_their_way:
        on_their_way[bay] = asyncio.create_task(fetch_forecast(bay))
        on_their_way[bay].add_done_callback(lambda _: on_their_way.pop(bay))
    coming = on_their_way[bay]
    try:
        ships = await count_ships(page)
    except BaseException:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        raise
    forecast = await coming
    return f"{bay}: {forecast}, {ships} ships logged"
