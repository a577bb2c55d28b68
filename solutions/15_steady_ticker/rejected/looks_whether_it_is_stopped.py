"""Rejected by test_no_drift: WRONG_ANSWER. Looks for the flag ten times a second."""

import asyncio


class Ticker:
    def __init__(self, period, work, missed, catch_up=False):
        self.period, self.work, self.missed, self.catch_up = period, work, missed, catch_up
        self.ticking, self.stopping, self.done = None, False, 0

    def stop(self):
        if self.ticking is not None and not self.stopping:
            self.stopping = True

    async def run(self):
        self.ticking = asyncio.create_task(self.tick())
        try:
            while not self.ticking.done():
                await asyncio.wait([self.ticking], timeout=0.1)
                if self.stopping:
                    self.ticking.cancel()
        except asyncio.CancelledError:
            self.ticking.cancel()
            await asyncio.wait([self.ticking])
            raise
        if not self.ticking.cancelled():
            self.ticking.result()
        return self.done

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
