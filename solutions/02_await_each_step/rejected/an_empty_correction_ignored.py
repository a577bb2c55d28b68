"""Rejected by test_steps_come_in_order: WRONG_ANSWER. A correction that leaves nothing is taken for none."""

import asyncio


async def polish(text, is_clean, correct):
    while not await is_clean(text):
        text = await correct(text) or text
    return text


async def publish(text, is_clean, correct, store, announce):
    text = await polish(text, is_clean, correct)
    number = await store(text)
    await announce(number)
    return number


async def has_no_typos(text):
    await asyncio.sleep(0.5)
    return "teh" not in text


async def fix_one_typo(text):
    await asyncio.sleep(1)
    return text.replace("teh", "the", 1)


async def put_in_archive(text):
    await asyncio.sleep(2)
    return 100 + len(text)


async def tell_readers(number):
    await asyncio.sleep(1)
    print(f"Out now: article {number}.")


async def main():
    number = await publish("teh cat sees teh moon", has_no_typos, fix_one_typo, put_in_archive, tell_readers)
    print(f"Published as number {number}.")


if __name__ == "__main__":
    asyncio.run(main())
