"""asyncio.wait with a timeout raises nothing: what is not done is cancelled; exceptions are results of gather."""

import asyncio


class GaveUp(Exception):
    """A letter could not be sent in time."""


class Patience:
    """How much time there is left, and how long the next pause is."""

    def __init__(self, letter, jitter, within):
        self.letter, self.jitter = letter, jitter
        self.deadline = self.now() + within
        self.attempts = 0

    def now(self):
        return asyncio.get_running_loop().time()

    @property
    def left(self):
        return self.deadline - self.now()

    def lost(self):
        return GaveUp(f"{self.letter}: {self.attempts} attempts")

    async def pause(self):
        seconds = min(2 ** (self.attempts - 1), 16) + self.jitter(self.letter, self.attempts)
        if seconds > self.left:
            raise self.lost()
        await asyncio.sleep(seconds)

    async def attempt(self, sending):
        """The task of one attempt, done in time."""
        self.attempts += 1
        task = asyncio.create_task(sending)
        try:
            done, _ = await asyncio.wait([task], timeout=self.left)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if not done:
            raise self.lost()
        return task


async def send_one(letter, send, jitter, within):
    patience = Patience(letter, jitter, within)
    while True:
        task = await patience.attempt(send(letter))
        if not isinstance(task.exception(), (ConnectionError, TimeoutError)):
            return task.result()
        await patience.pause()


async def send_all(letters, send, jitter, within):
    tasks = [asyncio.create_task(send_one(letter, send, jitter, within)) for letter in letters]
    await asyncio.gather(*tasks, return_exceptions=True)
    report = {}
    for letter, task in zip(letters, tasks):
        error = task.exception()
        report[letter] = task.result() if error is None else f"{type(error).__name__}: {error}"
    return report
