"""A context manager that holds cancellations back: what is awaited is a future that only the commit sets."""

import asyncio


class Commit:
    """A commit that runs beside its waiter, and wakes it by an event when it has ended."""

    def __init__(self, coroutine):
        self.over = asyncio.Event()
        self.task = asyncio.create_task(coroutine)
        self.task.add_done_callback(lambda task: self.over.set())

    async def wait(self):
        try:
            await self.over.wait()
        finally:
            if not self.over.is_set():
                await self.wait_stubbornly()

    async def wait_stubbornly(self):
        while not self.over.is_set():
            try:
                await self.over.wait()
            except asyncio.CancelledError:
                continue


async def transfer(order, check, commit, notify):
    committing = Commit(commit(order, await check(order)))
    try:
        await committing.wait()
    finally:
        receipt = committing.task.result()
    await notify(receipt)
    return receipt
