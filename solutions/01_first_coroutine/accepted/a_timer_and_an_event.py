"""The loop's own timer sets an event: what asyncio.sleep does for you, by hand."""

import asyncio

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    boiling = asyncio.Event()
    asyncio.get_running_loop().call_later(cups * SECONDS_PER_CUP, boiling.set)
    await boiling.wait()
    return f"boiling water for {cups}"


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    asyncio.run(main())
