"""Rejected by test_stopped: LEAKED. Pauses end at once, work does not."""

import asyncio


class Ticker:
    def __init__(self, period, work, missed, catch_up=False):
        self.period, self.work, self.missed, self.catch_up = period, work, missed, catch_up
        self.stopped = asyncio.Event()
        self.done = 0

    def stop(self):
        self.stopped.set()

    async def run(self):
        loop = asyncio.get_running_loop()
        start, number = loop.time(), 0
        while not self.stopped.is_set():
            await self.work(number)
            self.done += 1
            number += 1
            while not self.catch_up and start + number * self.period < loop.time():
                self.missed(number)
                number += 1
            try:
                async with asyncio.timeout_at(start + number * self.period):
                    await self.stopped.wait()
            except TimeoutError:
                pass
        return self.done
