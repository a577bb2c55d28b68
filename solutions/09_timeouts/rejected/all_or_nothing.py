"""Rejected by test_the_board_has_a_deadline: WRONG_ANSWER. What gather had so far is lost when it is cut off."""

import asyncio


async def ask(station):
    reader, writer = await asyncio.open_connection(station, 7000)
    try:
        writer.write(b"next train?\n")
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()


async def ask_twice(station, patience):
    for _ in range(2):
        try:
            async with asyncio.timeout(patience):
                return await ask(station)
        except TimeoutError:
            pass


async def read_board(stations, patience, within):
    try:
        async with asyncio.timeout(within):
            answers = await asyncio.gather(*(ask_twice(station, patience) for station in stations))
    except TimeoutError:
        return dict.fromkeys(stations)
    return dict(zip(stations, answers))
