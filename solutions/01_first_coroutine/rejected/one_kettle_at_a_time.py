"""Rejected by test_kettles_do_not_wait_for_each_other: NOT_CONCURRENT. One lock for all kettles."""

import asyncio

SECONDS_PER_CUP = 2


stove = asyncio.Lock()


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    async with stove:
        await asyncio.sleep(cups * SECONDS_PER_CUP)
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    asyncio.run(main())
