"""Rejected by test_no_drift: NOT_CONCURRENT (drifts_by_sleeping). Each tick is late by the work of all before."""

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
            self.ticking.result()
        return self.done

    async def tick(self):
        number = 0
        while True:
            await self.work(number)
            self.done += 1
            number += 1
            await asyncio.sleep(self.period)
