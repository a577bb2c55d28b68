"""A protocol instead of streams, and the loop's own timers instead of timeouts."""

import asyncio


class Question(asyncio.Protocol):
    def __init__(self, answer):
        self.answer, self.received = answer, b""

    def connection_made(self, transport):
        transport.write(b"next train?\n")

    def data_received(self, data):
        self.received += data
        if b"\n" in self.received and not self.answer.done():
            self.answer.set_result(self.received.decode().strip())


async def ask(station):
    loop = asyncio.get_running_loop()
    answer = loop.create_future()
    transport, _ = await loop.create_connection(lambda: Question(answer), station, 7000)
    try:
        return await answer
    finally:
        transport.abort()


async def ask_within(station, patience):
    asking = asyncio.ensure_future(ask(station))
    timer = asyncio.get_running_loop().call_later(patience, asking.cancel)
    try:
        await asyncio.wait([asking])
        return None if asking.cancelled() else asking.result()
    finally:
        timer.cancel()
        asking.cancel()


async def fill(board, station, patience):
    answer = await ask_within(station, patience)
    board[station] = await ask_within(station, patience) if answer is None else answer


async def read_board(stations, patience, within):
    board = dict.fromkeys(stations)
    filling = asyncio.gather(*(fill(board, station, patience) for station in stations))
    try:
        await asyncio.wait([filling], timeout=within)
    finally:
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
    return board
