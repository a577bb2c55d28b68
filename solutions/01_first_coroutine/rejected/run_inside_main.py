"""Rejected by test_main_tells_what_happens: RUNTIME_ERROR (run_inside_loop). main is still an ordinary function that starts a loop of its own."""

import asyncio

SECONDS_PER_CUP = 2


async def boil(cups):
    if cups < 1:
        raise ValueError("never boil an empty kettle")
    await asyncio.sleep(cups * SECONDS_PER_CUP)
    return f"boiling water for {cups}"


def main():
    print("The kettle is on.")
    print(asyncio.run(boil(3)))


if __name__ == "__main__":
    main()
