"""Rejected by test_forecast_comes_meanwhile: BLOCKED_LOOP. A thread for the forecast; the logbook is read on the loop."""

import threading
import socket


class ForecastError(Exception):
    """The weather office has no forecast."""


class LogbookError(Exception):
    """A page of the logbook cannot be read."""


def ask(host, question):
    """Ask one host one question. Returns its answer, without the end of the line."""
    with socket.create_connection((host, 7000)) as connection:
        connection.sendall(question.encode() + b"\n")
        return connection.makefile().readline().strip()


def fetch_forecast(bay):
    """The weather office's forecast for one bay."""
    answer = ask("weather", bay)
    if answer.startswith("sorry"):
        raise ForecastError(answer)
    return answer


def count_ships(page):
    """Count the ships in the logbook from `page` on: each page names the page that follows it."""
    ships = 0
    while page != "end":
        answer = ask("logbook", page)
        if answer == "torn":
            raise LogbookError(page)
        count, page = answer.split()
        ships += int(count)
    return ships


async def write_report(bay, page):
    box = []
    telegraph = threading.Thread(target=lambda: box.append(fetch_forecast(bay)))
    telegraph.start()
    ships = count_ships(page)
    telegraph.join()
    forecast = box[0]
    return f"{bay}: {forecast}, {ships} ships logged"
