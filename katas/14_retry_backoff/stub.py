"""Kata 14: knock, wait, knock again.

This version works, but while one letter waits for its next attempt, all the others wait with it.
"""

import time

LONGEST = 16
"""No pause is longer than so many seconds, jitter apart."""


class GaveUp(Exception):
    """A letter could not be sent in time."""


def send_one(letter, send, jitter, within):
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
            pause = min(2 ** (attempts - 1), LONGEST) + jitter(letter, attempts)
            if time.monotonic() + pause > deadline:
                raise GaveUp(f"{letter}: {attempts} attempts") from error
            time.sleep(pause)


def send_all(letters, send, jitter, within):
    """Send every letter. Returns {letter: its receipt, or what went wrong in words}."""
    report = {}
    for letter in letters:
        try:
            report[letter] = send_one(letter, send, jitter, within)
        except Exception as error:
            report[letter] = f"{type(error).__name__}: {error}"
    return report


FAILURES = {"invoice": 2, "postcard": 0, "summons": 1, "telegram": 3}
"""How often the post office is closed before it takes each letter."""


def send_by_post(letter):
    time.sleep(0.5)
    FAILURES[letter] -= 1
    if FAILURES[letter] >= 0:
        raise ConnectionRefusedError("the post office is closed")
    return f"{letter} has been sent"


def some_jitter(letter, attempt):
    return len(letter) / 100  # Chance would be better, but is harder to follow.


def main():
    for letter, outcome in send_all(list(FAILURES), send_by_post, some_jitter, within=60).items():
        print(f"{letter:10} {outcome}")


if __name__ == "__main__":
    main()
