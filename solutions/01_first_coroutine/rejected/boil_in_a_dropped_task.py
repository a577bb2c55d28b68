"""Rejected by test_gives_boiling_water: WRONG_ANSWER (task_dropped). The water is handed out before it has boiled."""

import asyncio

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    asyncio.create_task(asyncio.sleep(cups * SECONDS_PER_CUP))
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    asyncio.run(main())
