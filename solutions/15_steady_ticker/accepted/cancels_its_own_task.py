"""stop cancels the very task in which run is under way; run tells this cancellation from others by a flag."""

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
        before = self.runner.cancelling()
        done = 0
        try:
            async for number in self.ticks():
                await self.work(number)
                done += 1
        except asyncio.CancelledError:
            if not self.stopped or self.runner.cancelling() > before + 1:
                raise
        finally:
            if self.stopped:
                self.runner.uncancel()
            self.runner = None
        return done

    async def ticks(self):
        """The numbers of the ticks to work at, each when it is due."""
        start = time.monotonic()
        number = 0
        while True:
            pause = start + number * self.period - time.monotonic()
            await asyncio.sleep(pause)
            yield number
            number += 1
            if not self.catch_up:
                following = math.ceil((time.monotonic() - start) / self.period)
                for skipped in range(number, following):
                    self.missed(skipped)
                number = max(number, following)
