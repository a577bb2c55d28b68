"""Rejected by test_many_reports_at_once: WRONG_ANSWER. All reports keep their forecast in one place."""

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


desk = {}


async def note_forecast(bay):
    desk["forecast"] = await fetch_forecast(bay)


async def write_report(bay, page):
    both = await asyncio.gather(note_forecast(bay), count_ships(page), return_exceptions=True)
    for outcome in both:
        if isinstance(outcome, Exception):
            raise outcome
    return f"{bay}: {desk['forecast']}, {both[1]} ships logged"
