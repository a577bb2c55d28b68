"""Rejected by test_gives_boiling_water: BUSY_LOOP (busy_wait). Asks for the time over and over and never waits."""

import asyncio
import time

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    ready_at = time.monotonic() + cups * SECONDS_PER_CUP
    while time.monotonic() < ready_at:
        await asyncio.sleep(0)
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    asyncio.run(main())
