"""Rejected by test_the_loop_stays_free: BLOCKED_LOOP (blocking_call_in_coroutine). Short blocking naps, and the loop let in between."""

import asyncio
import time

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    for _ in range(cups * SECONDS_PER_CUP * 100):
        time.sleep(0.01)
        await asyncio.sleep(0)
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    asyncio.run(main())
