"""Rejected by test_polish_gives_the_clean_text: RUNTIME_ERROR. Calls itself for each mistake, and a text may have a thousand."""

import asyncio


async def polish(text, is_clean, correct):
    if await is_clean(text):
        return text
    return await polish(await correct(text), is_clean, correct)


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
