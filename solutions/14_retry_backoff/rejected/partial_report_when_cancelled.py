"""Rejected by test_cancelled_sack: LEAKED. Cancelled, it returns what it has, if it has anything."""

import asyncio


class GaveUp(Exception):
    """A letter could not be sent in time."""


async def send_one(letter, send, jitter, within):
    deadline = asyncio.get_running_loop().time() + within
    attempts = 0
    try:
        async with asyncio.timeout_at(deadline):
            while True:
                attempts += 1
                try:
                    return await send(letter)
                except (ConnectionError, TimeoutError):
                    pause = min(2 ** (attempts - 1), 16) + jitter(letter, attempts)
                if asyncio.get_running_loop().time() + pause > deadline:
                    raise GaveUp(f"{letter}: {attempts} attempts")
                await asyncio.sleep(pause)
    except TimeoutError:
        raise GaveUp(f"{letter}: {attempts} attempts") from None


async def send_all(letters, send, jitter, within):
    tasks = {letter: asyncio.create_task(send_one(letter, send, jitter, within)) for letter in letters}
    report = {}
    try:
        for letter, task in tasks.items():
            try:
                report[letter] = await task
            except asyncio.CancelledError:
                raise
            except Exception as error:
                report[letter] = f"{type(error).__name__}: {error}"
    except asyncio.CancelledError:
        if report:
            return report
        for task in tasks.values():
            task.cancel()
        await asyncio.wait(tasks.values())
        raise
    return report
