"""Rejected by test_main_tells_what_happens: WRONG_ANSWER (never_awaited). Prints <coroutine object boil ...>."""

import asyncio

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    await asyncio.sleep(cups * SECONDS_PER_CUP)
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(boil(3))


if __name__ == "__main__":
    asyncio.run(main())
