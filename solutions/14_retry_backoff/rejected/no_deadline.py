"""Rejected by test_gives_up_before_a_pause: WRONG_ANSWER. `within` is not looked at."""

import asyncio


class GaveUp(Exception):
    """A letter could not be sent in time."""


async def send_one(letter, send, jitter, within):
    attempts = 0
    while True:
        attempts += 1
        try:
            return await send(letter)
        except (ConnectionError, TimeoutError):
            await asyncio.sleep(min(2 ** (attempts - 1), 16) + jitter(letter, attempts))


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
