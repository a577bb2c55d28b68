"""Rejected by test_an_empty_kettle_is_refused: WRONG_ANSWER. The error comes in words of its own."""

import asyncio

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError(f"cannot boil {cups} cups")
    await asyncio.sleep(cups * SECONDS_PER_CUP)
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    asyncio.run(main())
