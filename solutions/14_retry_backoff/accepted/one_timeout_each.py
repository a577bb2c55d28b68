"""Each attempt has a timeout of what is left of the time, which is asked whether it has expired; a task group."""

import asyncio


class GaveUp(Exception):
    """A letter could not be sent in time."""


RETRYABLE = (ConnectionError, TimeoutError)


async def send_one(letter, send, jitter, within):
    now = asyncio.get_running_loop().time
    deadline = now() + within
    attempts = 0
    while True:
        attempts += 1
        try:
            async with asyncio.timeout_at(deadline) as limit:
                return await send(letter)
        except RETRYABLE:
            pause = min(2 ** (attempts - 1), 16) + jitter(letter, attempts)
        if limit.expired() or now() + pause > deadline:
            raise GaveUp(f"{letter}: {attempts} attempts")
        await asyncio.sleep(pause)


async def send_into(report, letter, *how):
    try:
        report[letter] = await send_one(letter, *how)
    except Exception as error:
        report[letter] = f"{type(error).__name__}: {error}"


async def send_all(letters, send, jitter, within):
    report = dict.fromkeys(letters)
    async with asyncio.TaskGroup() as group:
        for letter in letters:
            group.create_task(send_into(report, letter, send, jitter, within))
    return report
