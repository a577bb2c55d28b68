"""Rejected by test_pauses_are_exact: WRONG_ANSWER. Does not wait for an attempt to fail before it makes the next."""

import asyncio


class GaveUp(Exception):
    """A letter could not be sent in time."""


async def send_one(letter, send, jitter, within):
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    tasks, attempts = [], 0
    try:
        while True:
            attempts += 1
            tasks.append(asyncio.ensure_future(send(letter)))
            pause = min(2 ** (attempts - 1), 16) + jitter(letter, attempts)
            await asyncio.wait(tasks, timeout=min(pause, deadline - loop.time()))
            for task in tasks:
                if task.done() and not isinstance(task.exception(), (ConnectionError, TimeoutError)):
                    return task.result()
            if loop.time() + pause > deadline:
                raise GaveUp(f"{letter}: {attempts} attempts")
    finally:
        for task in tasks:
            task.cancel()


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
