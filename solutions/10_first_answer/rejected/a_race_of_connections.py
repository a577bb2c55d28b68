"""Rejected by test_the_first_answer: NOT_CONCURRENT. Whoever is connected first is asked, and no one else."""

import asyncio


class MirrorError(Exception):
    pass


class NoMirrorError(Exception):
    pass


async def converse(connection, sheet):
    reader, writer = connection
    try:
        writer.write(sheet.encode() + b"\n")
        return (await reader.readline()).decode()
    finally:
        writer.close()


async def fetch_sheet(sheet, mirrors):
    reasons = {}

    async def connect(mirror):
        try:
            return mirror, await asyncio.open_connection(mirror, 7000)
        except OSError:
            reasons[mirror] = f"{mirror} cannot be reached"

    tasks = [asyncio.create_task(connect(mirror)) for mirror in mirrors]
    try:
        for task in asyncio.as_completed(tasks):
            if connected := await task:
                mirror, connection = connected
                answer = await converse(connection, sheet)
                if answer.startswith("map ") and answer.endswith("\n"):
                    return answer[4:].strip()
                reasons[mirror] = f"{mirror} says {answer.strip()}"
    finally:
        for task in tasks:
            task.cancel()
        for opened in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(opened, tuple):
                opened[1][1].close()
    raise NoMirrorError("; ".join(reasons[mirror] for mirror in mirrors))
