"""Rejected by test_several_tickers: NOT_CONCURRENT. A thread of the pool for each ticker, with a loop of its own."""

import asyncio


class Ticker:
    def __init__(self, period, work, missed, catch_up=False):
        self.period, self.work, self.missed, self.catch_up = period, work, missed, catch_up
        self.ticking, self.stopping, self.done = None, False, 0

    def stop(self):
        self.stopping = True
        if self.ticking is not None:
            self.loop.call_soon_threadsafe(self.ticking.cancel)

    async def run(self):
        try:
            await asyncio.to_thread(asyncio.run, self.tick())
        except asyncio.CancelledError:
            if not self.stopping:
                raise
        return self.done

    async def tick(self):
        loop = self.loop = asyncio.get_running_loop()
        self.ticking = asyncio.current_task()
        start, number = loop.time(), 0
        while True:
            await asyncio.sleep(start + number * self.period - loop.time())
            await self.work(number)
            self.done += 1
            number += 1
            while not self.catch_up and start + number * self.period < loop.time():
                self.missed(number)
                number += 1
