"""Each step in a task of its own, awaited before the next one is made: more than is needed, and right."""

import asyncio


async def polish(text, is_clean, correct):
    while True:
        verdict = asyncio.create_task(is_clean(text))
        if await verdict:
            return text
        better = asyncio.create_task(correct(text))
        text = await better


async def publish(text, is_clean, correct, store, announce):
    polishing = asyncio.create_task(polish(text, is_clean, correct))
    storing = asyncio.create_task(store(await polishing))
    number = await storing
    announcing = asyncio.create_task(announce(number))
    await announcing
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
