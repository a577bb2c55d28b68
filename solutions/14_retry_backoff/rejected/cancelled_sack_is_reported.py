"""Rejected by test_a_cancelled_sack: WRONG_ANSWER. Cancelled, it reports what it has so far."""

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
    for letter, task in tasks.items():
        try:
            report[letter] = await task
        except asyncio.CancelledError:
            for task in tasks.values():
                task.cancel()
        except Exception as error:
            report[letter] = f"{type(error).__name__}: {error}"
    return report
