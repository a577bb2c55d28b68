"""Rejected by test_gives_boiling_water: WRONG_ANSWER. Waits the six seconds of main's three cups, whatever was asked."""

import asyncio

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    await asyncio.sleep(6)
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    asyncio.run(main())
