"""Rejected by test_several_sacks: WRONG_ANSWER. The end of one sack cancels the letters of all others."""

import asyncio


class GaveUp(Exception):
    """A letter could not be sent in time."""


ALL = set()


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
    ALL.update(tasks)
    try:
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        for task in ALL:
            task.cancel()
    return {
        letter: f"{type(outcome).__name__}: {outcome}" if isinstance(outcome, Exception) else outcome
        for letter, outcome in zip(letters, outcomes)
    }
