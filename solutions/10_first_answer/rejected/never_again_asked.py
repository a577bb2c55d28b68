"""Rejected by test_the_last_one_has_it: RUNTIME_ERROR. A mirror that has failed once is not asked any more."""

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


failed_before = set()


async def fetch_sheet(sheet, mirrors):
    good = [mirror for mirror in mirrors if mirror not in failed_before] or mirrors
    tasks = {mirror: asyncio.create_task(ask(mirror, sheet)) for mirror in good}
    try:
        waiting = set(tasks.values())
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for mirror, task in tasks.items():
                if task in done and task.exception() is not None:
                    failed_before.add(mirror)
            for task in done:
                if task.exception() is None:
                    return task.result()
        raise NoMirrorError("; ".join(str(task.exception()) for task in tasks.values()))
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
