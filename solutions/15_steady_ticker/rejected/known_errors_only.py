"""Rejected by test_errors: WRONG_ANSWER. An error that nobody has thought of ends the ticker quietly."""

import asyncio


class Ticker:
    def __init__(self, period, work, missed, catch_up=False):
        self.period, self.work, self.missed, self.catch_up = period, work, missed, catch_up
        self.ticking, self.stopping, self.done = None, False, 0

    def stop(self):
        if self.ticking is not None and not self.stopping:
            self.stopping = True
            self.ticking.cancel()

    async def run(self):
        self.ticking = asyncio.create_task(self.tick())
        try:
            await asyncio.wait([self.ticking])
        except asyncio.CancelledError:
            self.ticking.cancel()
            await asyncio.wait([self.ticking])
            raise
        if not self.ticking.cancelled():
            self.raise_known(self.ticking.exception())
        return self.done

    def raise_known(self, error):
        if isinstance(error, (ValueError, OSError, LookupError, ArithmeticError)):
            raise error

    async def tick(self):
        loop = asyncio.get_running_loop()
        start, number = loop.time(), 0
        while True:
            await asyncio.sleep(start + number * self.period - loop.time())
            await self.work(number)
            self.done += 1
            number += 1
            while not self.catch_up and start + number * self.period < loop.time():
                self.missed(number)
                number += 1
