"""A task group; the first of its errors is taken out of the group."""

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
    try:
        async with asyncio.TaskGroup() as group:
            coming = group.create_task(fetch_forecast(bay))
            counting = group.create_task(count_ships(page))
    except* (ForecastError, LogbookError) as failed:
        error = failed.exceptions[0]
    else:
        return f"{bay}: {coming.result()}, {counting.result()} ships logged"
    raise error
