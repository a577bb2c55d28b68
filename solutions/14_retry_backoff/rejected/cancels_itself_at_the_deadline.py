"""Rejected by test_the_caller_counts_cancellations: WRONG_ANSWER. Its own cancellation at the deadline is never taken back."""

import asyncio


class GaveUp(Exception):
    """A letter could not be sent in time."""


async def send_one(letter, send, jitter, within):
    loop = asyncio.get_running_loop()
    deadline, late, attempts = loop.time() + within, [], 0
    me = asyncio.current_task()
    timer = loop.call_at(deadline, lambda: (late.append(True), me.cancel()))
    try:
        while True:
            attempts += 1
            try:
                return await send(letter)
            except (ConnectionError, TimeoutError):
                pause = min(2 ** (attempts - 1), 16) + jitter(letter, attempts)
            if loop.time() + pause > deadline:
                raise GaveUp(f"{letter}: {attempts} attempts")
            await asyncio.sleep(pause)
    except asyncio.CancelledError:
        if late:
            raise GaveUp(f"{letter}: {attempts} attempts") from None
        raise
    finally:
        timer.cancel()


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
