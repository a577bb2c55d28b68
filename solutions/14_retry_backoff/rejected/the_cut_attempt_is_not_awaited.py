"""Rejected by test_an_attempt_that_takes_a_while_to_stop: LEAKED. Cancels the attempt at the deadline, and does not wait for its end."""

import asyncio


class GaveUp(Exception):
    """A letter could not be sent in time."""


async def attempt(sending, left):
    task = asyncio.create_task(sending)
    try:
        done, _ = await asyncio.wait([task], timeout=left)
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
    if not done:
        task.cancel()
        await asyncio.sleep(0)
        return None
    return task


async def send_one(letter, send, jitter, within):
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    attempts = 0
    while True:
        attempts += 1
        task = await attempt(send(letter), deadline - loop.time())
        if task is None:
            raise GaveUp(f"{letter}: {attempts} attempts")
        if not isinstance(task.exception(), (ConnectionError, TimeoutError)):
            return task.result()
        pause = min(2 ** (attempts - 1), 16) + jitter(letter, attempts)
        if loop.time() + pause > deadline:
            raise GaveUp(f"{letter}: {attempts} attempts")
        await asyncio.sleep(pause)


async def in_words(sending):
    try:
        return await sending
    except Exception as error:
        return f"{type(error).__name__}: {error}"


async def send_all(letters, send, jitter, within):
    outcomes = await asyncio.gather(
        *(in_words(send_one(letter, send, jitter, within)) for letter in letters)
    )
    return dict(zip(letters, outcomes))
