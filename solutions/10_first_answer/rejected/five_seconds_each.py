"""Rejected by test_the_first_answer: RUNTIME_ERROR. A time limit that nobody asked for."""

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
        answer = (await asyncio.wait_for(reader.readline(), 5)).decode()
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
    tasks = [asyncio.create_task(ask(mirror, sheet)) for mirror in mirrors]
    try:
        waiting = tasks
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if task.exception() is None:
                    return task.result()
        raise NoMirrorError("; ".join(str(task.exception()) for task in tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
