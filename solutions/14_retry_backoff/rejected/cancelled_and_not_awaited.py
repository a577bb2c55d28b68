"""Rejected by test_a_cancelled_sack_that_takes_a_while_to_stop: LEAKED. Cancels its letters, and does not wait for their end."""

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
    tasks = [asyncio.create_task(send_one(letter, send, jitter, within)) for letter in letters]
    report = {}
    try:
        if tasks:
            await asyncio.wait(tasks)
    finally:
        for task in tasks:
            task.cancel()
    for letter, task in zip(letters, tasks):
        error = task.exception()
        report[letter] = task.result() if error is None else f"{type(error).__name__}: {error}"
    return report
