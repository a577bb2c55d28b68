"""Rejected by test_gives_boiling_water: RUNTIME_ERROR (awaited_a_plain_call). time.sleep gives None, after it has blocked."""

import asyncio
import time

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    await time.sleep(cups * SECONDS_PER_CUP)
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    asyncio.run(main())
