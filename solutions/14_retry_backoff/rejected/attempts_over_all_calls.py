"""Rejected by test_several_sacks: WRONG_ANSWER. A letter's attempts are counted over all calls, and so are its pauses."""

import asyncio


class GaveUp(Exception):
    """A letter could not be sent in time."""


ATTEMPTS = {}


async def send_one(letter, send, jitter, within):
    deadline = asyncio.get_running_loop().time() + within
    try:
        async with asyncio.timeout_at(deadline):
            while True:
                ATTEMPTS[letter] = ATTEMPTS.get(letter, 0) + 1
                try:
                    return await send(letter)
                except (ConnectionError, TimeoutError):
                    n = ATTEMPTS[letter]
                    pause = min(2 ** (n - 1), 16) + jitter(letter, n)
                if asyncio.get_running_loop().time() + pause > deadline:
                    raise GaveUp(f"{letter}: {ATTEMPTS[letter]} attempts")
                await asyncio.sleep(pause)
    except TimeoutError:
        raise GaveUp(f"{letter}: {ATTEMPTS[letter]} attempts") from None


async def in_words(sending):
    try:
        return await sending
    except Exception as error:
        return f"{type(error).__name__}: {error}"


async def send_all(letters, send, jitter, within):
    outcomes = await asyncio.gather(*(in_words(send_one(letter, send, jitter, within)) for letter in letters))
    return dict(zip(letters, outcomes))
