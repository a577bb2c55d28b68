"""Rejected by test_stopped_and_slow: WRONG_ANSWER. An async generator turns the work's StopAsyncIteration into a RuntimeError."""

import asyncio
import math
import time


class Ticker:
    def __init__(self, period, work, missed, catch_up=False):
        self.period, self.work, self.missed, self.catch_up = period, work, missed, catch_up
        self.runner, self.stopped = None, False

    def stop(self):
        if self.runner is not None and not self.stopped:
            self.stopped = True
            self.runner.cancel()

    async def run(self):
        self.runner = asyncio.current_task()
        done = 0
        try:
            async for _ in self.ticks():
                done += 1
        except asyncio.CancelledError:
            if not self.stopped:
                raise
            self.runner.uncancel()
        return done

    async def ticks(self):
        """The numbers of the ticks to work at, each when it is due."""
        start = time.monotonic()
        number = 0
        while True:
            pause = start + number * self.period - time.monotonic()
            await asyncio.sleep(pause)
            await self.work(number)
            yield number
            number += 1
            if not self.catch_up:
                following = math.ceil((time.monotonic() - start) / self.period)
                for skipped in range(number, following):
                    self.missed(skipped)
                number = max(number, following)
