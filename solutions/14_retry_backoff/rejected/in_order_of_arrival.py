"""Rejected by test_the_report: WRONG_ANSWER. The report fills as letters are sent."""

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
    report = {}

    async def note(letter):
        try:
            report[letter] = await send_one(letter, send, jitter, within)
        except Exception as error:
            report[letter] = f"{type(error).__name__}: {error}"

    async with asyncio.TaskGroup() as group:
        for letter in letters:
            group.create_task(note(letter))
    return report
