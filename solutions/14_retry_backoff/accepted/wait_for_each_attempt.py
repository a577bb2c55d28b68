"""Each attempt has what is left of the time; wait_for's timeout is told apart by the clock; a task group."""

import asyncio


class GaveUp(Exception):
    """A letter could not be sent in time."""


RETRYABLE = (ConnectionError, TimeoutError)


async def attempt(send, letter, left):
    """The receipt, or the error that may be retried; None if there was no time for either."""
    sending = asyncio.ensure_future(send(letter))
    try:
        return await asyncio.wait_for(sending, left)
    except RETRYABLE as error:
        return None if sending.cancelled() else error


async def send_one(letter, send, jitter, within):
    now = asyncio.get_running_loop().time
    deadline = now() + within
    attempts = 0
    while True:
        attempts += 1
        outcome = await attempt(send, letter, deadline - now())
        if outcome is not None and not isinstance(outcome, RETRYABLE):
            return outcome
        pause = min(2 ** (attempts - 1), 16) + jitter(letter, attempts)
        if outcome is None or now() + pause > deadline:
            raise GaveUp(f"{letter}: {attempts} attempts")
        await asyncio.sleep(pause)


async def send_all(letters, send, jitter, within):
    report = dict.fromkeys(letters)

    async def send_into_report(letter):
        try:
            report[letter] = await send_one(letter, send, jitter, within)
        except Exception as error:
            report[letter] = f"{type(error).__name__}: {error}"

    async with asyncio.TaskGroup() as group:
        for letter in letters:
            group.create_task(send_into_report(letter))
    return report
