"""Rejected by test_a_late_wake_up: WRONG_ANSWER. Counts the periods in the length of the work, which need not have begun with one."""

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
        loop = asyncio.get_running_loop()
        start, number = loop.time(), 0
        while True:
            await asyncio.sleep(start + number * self.period - loop.time())
            began = loop.time()
            await self.work(number)
            self.done += 1
            number += 1
            if not self.catch_up:
                for _ in range(int((loop.time() - began) / self.period)):
                    self.missed(number)
                    number += 1
