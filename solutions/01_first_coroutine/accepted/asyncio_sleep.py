"""The plain conversion: async, await, and the sleep that lets others run."""

import asyncio

SECONDS_PER_CUP = 2


async def boil(cups):
    """Boil water for that many cups. Returns what there is to pour."""
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    await asyncio.sleep(cups * SECONDS_PER_CUP)
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    asyncio.run(main())
