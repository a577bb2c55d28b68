"""Rejected by test_pauses_are_exact: BLOCKED_LOOP (blocking_call_in_coroutine). Attempts are awaited, pauses are not."""

import asyncio
import time


class GaveUp(Exception):
    """A letter could not be sent in time."""


async def send_one(letter, send, jitter, within):
    """Send a letter, again and again if need be. Returns the receipt.

    Raises GaveUp if that takes more than `within` seconds, and whatever no second attempt will mend.
    """
    deadline = time.monotonic() + within
    attempts = 0
    while True:
        attempts += 1
        try:
            return await send(letter)
        except (ConnectionError, TimeoutError) as error:
            pause = min(2 ** (attempts - 1), 16) + jitter(letter, attempts)
            if time.monotonic() + pause > deadline:
                raise GaveUp(f"{letter}: {attempts} attempts") from error
            time.sleep(pause)


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
