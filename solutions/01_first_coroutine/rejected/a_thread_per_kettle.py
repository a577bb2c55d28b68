"""Rejected by test_kettles_do_not_wait_for_each_other: NOT_CONCURRENT (to_thread_around_blocking). A kettle waits for a free thread."""

import asyncio
import time

SECONDS_PER_CUP = 2


def heat(cups):
    time.sleep(cups * SECONDS_PER_CUP)


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    await asyncio.to_thread(heat, cups)
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    asyncio.run(main())
