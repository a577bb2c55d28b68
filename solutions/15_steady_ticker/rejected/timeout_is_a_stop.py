"""Rejected by test_errors: WRONG_ANSWER. TimeoutError is taken for the end, whoever raised it."""

import asyncio


class Ticker:
    def __init__(self, period, work, missed, catch_up=False):
        self.period, self.work, self.missed, self.catch_up = period, work, missed, catch_up
        self.limit = None
        self.done = 0

    def stop(self):
        if self.limit is not None and self.limit.when() is None:
            self.limit.reschedule(asyncio.get_running_loop().time())

    async def run(self):
        try:
            async with asyncio.timeout(None) as self.limit:
                await self.tick()
        except TimeoutError:
            pass
        return self.done

    async def tick(self):
        start = asyncio.get_running_loop().time()
        number = 0
        while True:
            now = asyncio.get_running_loop().time()
            due = start + number * self.period
            if now > due and not self.catch_up:
                self.missed(number)
            else:
                await asyncio.sleep(due - now)
                await self.work(number)
                self.done += 1
            number += 1
