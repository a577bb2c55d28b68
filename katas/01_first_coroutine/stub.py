"""Kata 1: your first coroutine.

This kettle works, but while it boils, the whole program stands still.
"""

import time

SECONDS_PER_CUP = 2


def boil(cups):
    """Boil water for that many cups. Returns what there is to pour."""
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    time.sleep(cups * SECONDS_PER_CUP)
    return f"boiling water for {cups}"


def main():
    print("The kettle is on.")
    print(boil(3))


if __name__ == "__main__":
    main()
