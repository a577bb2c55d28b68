"""Rejected by test_pauses_are_exact: WRONG_ANSWER. The stub with `async` put in front."""

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
            return send(letter)
        except (ConnectionError, TimeoutError) as error:
            pause = min(2 ** (attempts - 1), 16) + jitter(letter, attempts)
            if time.monotonic() + pause > deadline:
                raise GaveUp(f"{letter}: {attempts} attempts") from error
            time.sleep(pause)


async def send_all(letters, send, jitter, within):
    """Send every letter. Returns {letter: its receipt, or what went wrong in words}."""
    report = {}
    for letter in letters:
        try:
            report[letter] = send_one(letter, send, jitter, within)
        except Exception as error:
            report[letter] = f"{type(error).__name__}: {error}"
    return report
