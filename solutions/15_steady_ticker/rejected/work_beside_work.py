"""Rejected by test_slow_work_skips: WRONG_ANSWER. A task per tick, and nobody asks whether the last one has ended."""

import asyncio


class Ticker:
    def __init__(self, period, work, missed, catch_up=False):
        self.period, self.work, self.missed, self.catch_up = period, work, missed, catch_up
        self.stopped = asyncio.Event()
        self.done = 0

    def stop(self):
        self.stopped.set()

    async def one(self, number):
        await self.work(number)
        self.done += 1

    async def run(self):
        loop = asyncio.get_running_loop()
        start, number, tasks = loop.time(), 0, []
        try:
            while not self.stopped.is_set():
                tasks.append(asyncio.create_task(self.one(number)))
                number += 1
                try:
                    async with asyncio.timeout_at(start + number * self.period):
                        await self.stopped.wait()
                except TimeoutError:
                    pass
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return self.done
