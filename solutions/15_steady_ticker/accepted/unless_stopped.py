"""A future that stop sets; whatever is awaited races against it."""

import asyncio


class Ticker:
    def __init__(self, period, work, missed, catch_up=False):
        self.period, self.work, self.missed, self.catch_up = period, work, missed, catch_up
        self.stopped = None
        self.done = 0

    def stop(self):
        if self.stopped is not None and not self.stopped.done():
            self.stopped.set_result(None)

    async def run(self):
        loop = asyncio.get_running_loop()
        self.stopped = loop.create_future()
        start = loop.time()
        number = 0
        while not self.stopped.done():
            pause = start + number * self.period - loop.time()
            if pause > 0:
                await asyncio.wait([self.stopped], timeout=pause)
            if self.stopped.done() or not await self.unless_stopped(self.work(number)):
                break
            self.done += 1
            number = self.next_number(number, loop.time() - start)
        return self.done

    async def unless_stopped(self, coroutine):
        """Whether it has ended by itself."""
        task = asyncio.create_task(coroutine)
        try:
            await asyncio.wait([task, self.stopped], return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            raise
        if task.done():
            task.result()
            return True
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return False

    def next_number(self, number, elapsed):
        if self.catch_up:
            return number + 1
        following = max(number, int(elapsed / self.period)) + 1
        for skipped in range(number + 1, following):
            self.missed(skipped)
        return following
