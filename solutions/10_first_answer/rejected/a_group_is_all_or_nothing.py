"""Rejected by test_the_first_answer: NOT_CONCURRENT. In a task group the first failure cancels those who have the sheet."""

import asyncio


class MirrorError(Exception):
    pass


class NoMirrorError(Exception):
    pass


async def ask(mirror, sheet):
    try:
        reader, writer = await asyncio.open_connection(mirror, 7000)
    except OSError:
        raise MirrorError(f"{mirror} cannot be reached") from None
    try:
        writer.write(sheet.encode() + b"\n")
        answer = (await reader.readline()).decode()
    except OSError:
        raise MirrorError(f"{mirror} cannot be reached") from None
    finally:
        writer.close()
    if not answer.endswith("\n"):
        raise MirrorError(f"{mirror} broke off")
    if not answer.startswith("map "):
        raise MirrorError(f"{mirror} says {answer.strip()}")
    return answer.removeprefix("map ").strip()


async def fetch_sheet(sheet, mirrors):
    found = []

    async def race(mirror):
        found.append(await ask(mirror, sheet))

    async with asyncio.TaskGroup() as group:
        for mirror in mirrors:
            group.create_task(race(mirror))
    return found[0]
