"""Rejected by test_main_tells_what_happens: WRONG_ANSWER. Waits first and prints both lines then."""

import asyncio

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    await asyncio.sleep(cups * SECONDS_PER_CUP)
    return f"boiling water for {cups}"


async def main():
    water = await boil(3)
    print("The kettle is on.")
    print(water)


if __name__ == "__main__":
    asyncio.run(main())
