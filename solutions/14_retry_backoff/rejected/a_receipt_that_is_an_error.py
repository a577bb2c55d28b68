"""Rejected by test_the_report: WRONG_ANSWER. With return_exceptions, a receipt that is an exception object is taken for an error."""

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
    sending = [send_one(letter, send, jitter, within) for letter in letters]
    report = {}
    for letter, outcome in zip(letters, await asyncio.gather(*sending, return_exceptions=True)):
        failed = isinstance(outcome, Exception)
        report[letter] = f"{type(outcome).__name__}: {outcome}" if failed else outcome
    return report
