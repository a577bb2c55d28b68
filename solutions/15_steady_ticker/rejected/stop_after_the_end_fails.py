"""Rejected by test_stopped_and_slow: RUNTIME_ERROR. The second stop sets a result for the second time."""

import asyncio


class Ticker:
    def __init__(self, period, work, missed, catch_up=False):
        self.period, self.work, self.missed, self.catch_up = period, work, missed, catch_up
        self.done = 0

    def stop(self):
        self.stopped.set_result(None)

    async def run(self):
        self.stopped = asyncio.get_running_loop().create_future()
        ticking = asyncio.create_task(self.tick())
        try:
            await asyncio.wait([ticking, self.stopped], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended = ticking.done()
            ticking.cancel()
            await asyncio.wait([ticking])
        if ended:
            ticking.result()
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
