"""A task group that is left by an exception as soon as one of its tasks has the sheet."""

import asyncio


class NoMirrorError(Exception):
    pass


class Found(Exception):
    """Ends the race: the task group cancels all the others."""


async def ask(mirror, sheet):
    """(the map, None) or (None, the reason why not)."""
    try:
        reader, writer = await asyncio.open_connection(mirror, 7000)
        try:
            writer.write(sheet.encode() + b"\n")
            line = await reader.readuntil()
        finally:
            writer.close()
    except asyncio.IncompleteReadError:
        return None, f"{mirror} broke off"
    except OSError:
        return None, f"{mirror} cannot be reached"
    answer = line.decode().removesuffix("\n")
    if answer.startswith("map "):
        return answer.removeprefix("map "), None
    return None, f"{mirror} says {answer}"


async def fetch_sheet(sheet, mirrors):
    reasons = [None] * len(mirrors)

    async def race(number, mirror):
        found, reasons[number] = await ask(mirror, sheet)
        if found is not None:
            raise Found(found)

    try:
        async with asyncio.TaskGroup() as group:
            for number, mirror in enumerate(mirrors):
                group.create_task(race(number, mirror))
    except* Found as group:
        winner = group.exceptions[0].args[0]
    else:
        raise NoMirrorError("; ".join(reasons))
    return winner
