"""Waits cup by cup: many short sleeps add up to the same time."""

import asyncio

SECONDS_PER_CUP = 2


async def heat_one_cup():
    await asyncio.sleep(SECONDS_PER_CUP)


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    for _ in range(cups):
        await heat_one_cup()
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    water = await boil(3)
    print(water)


if __name__ == "__main__":
    asyncio.run(main())
