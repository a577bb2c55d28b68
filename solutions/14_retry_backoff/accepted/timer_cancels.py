"""The loop's own timer cancels the attempts, which are a task of their own; a generator makes the pauses."""

import asyncio


class GaveUp(Exception):
    """A letter could not be sent in time."""


def pauses(letter, jitter):
    attempt = 0
    while True:
        attempt += 1
        yield attempt, min(1 << (attempt - 1), 16) + jitter(letter, attempt)


class Sending:
    def __init__(self, letter, send, jitter, within):
        self.letter, self.send, self.jitter = letter, send, jitter
        self.loop = asyncio.get_running_loop()
        self.deadline = self.loop.time() + within
        self.attempts = 0
        self.late = False

    async def run(self):
        task = asyncio.create_task(self.try_again_and_again())
        timer = self.loop.call_at(self.deadline, self.cut, task)
        try:  # Until the timer strikes, if it does.
            return await task
        except asyncio.CancelledError:
            if self.late:
                raise self.gave_up() from None
            raise
        finally:
            timer.cancel()

    def cut(self, task):
        self.late = True
        task.cancel()

    def gave_up(self):
        return GaveUp(f"{self.letter}: {self.attempts} attempts")

    async def try_again_and_again(self):
        for self.attempts, pause in pauses(self.letter, self.jitter):
            try:
                return await self.send(self.letter)
            except (ConnectionError, TimeoutError):
                if self.loop.time() + pause > self.deadline:
                    raise self.gave_up()
            await asyncio.sleep(pause)


async def send_one(letter, send, jitter, within):
    return await Sending(letter, send, jitter, within).run()


async def send_all(letters, send, jitter, within):
    report = {}
    tasks = {letter: asyncio.create_task(send_one(letter, send, jitter, within)) for letter in letters}
    try:
        if tasks:
            await asyncio.wait(tasks.values())
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
    for letter, task in tasks.items():
        error = task.exception()
        report[letter] = task.result() if error is None else f"{type(error).__name__}: {error}"
    return report
