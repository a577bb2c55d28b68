"""Rejected by test_both_fail: LEAKED (result_never_retrieved). Of two that failed at one instant, only one is asked for its error."""

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
    tasks = [asyncio.create_task(fetch_forecast(bay)), asyncio.create_task(count_ships(page))]
    try:
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    for task in pending:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    for task in done:
        task.result()
    forecast, ships = (task.result() for task in tasks)
    return f"{bay}: {forecast}, {ships} ships logged"
