"""sleep hands on the text: it returns its second argument once the time is over."""

import asyncio

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    return await asyncio.sleep(cups * SECONDS_PER_CUP, f"boiling water for {cups}")


async def main():
    print("The kettle is on.")
    print(await boil(3))


if __name__ == "__main__":
    with asyncio.Runner() as runner:
        runner.run(main())
