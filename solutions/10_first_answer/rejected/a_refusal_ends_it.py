"""Rejected by test_a_failure_is_no_answer: RUNTIME_ERROR. Only what a mirror says is expected to be bad, not that it cannot be reached."""

import asyncio


class MirrorError(Exception):
    pass


class NoMirrorError(Exception):
    pass


async def ask(mirror, sheet):
    reader, writer = await asyncio.open_connection(mirror, 7000)
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
    tasks = [asyncio.create_task(ask(mirror, sheet)) for mirror in mirrors]
    try:
        for task in asyncio.as_completed(tasks):
            try:
                return await task
            except MirrorError:
                pass
        raise NoMirrorError("; ".join(str(task.exception()) for task in tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
