"""Rejected by test_the_deadline: WRONG_ANSWER. At the deadline TimeoutError is raised, not GaveUp."""

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
    finally:
        pass


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
