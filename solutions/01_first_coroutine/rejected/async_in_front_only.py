"""Rejected by test_the_loop_stays_free: BLOCKED_LOOP (blocking_call_in_coroutine). Still time.sleep."""

import asyncio
import time

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    time.sleep(cups * SECONDS_PER_CUP)
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    asyncio.run(main())
