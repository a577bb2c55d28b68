"""Rejected by test_every_fetch_asks_anew: LEAKED (result_never_retrieved). The tasks that failed are dropped with their errors."""

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
    found, failed = asyncio.get_running_loop().create_future(), {}

    async def race(mirror):
        try:
            answer = await ask(mirror, sheet)
            if not found.done():
                found.set_result(answer)
        except MirrorError as error:
            failed[mirror] = str(error)
            if len(failed) == len(mirrors):
                found.set_exception(NoMirrorError("; ".join(failed[name] for name in mirrors)))
            raise

    tasks = [asyncio.create_task(race(mirror)) for mirror in mirrors]
    try:
        return await found
    finally:
        for task in tasks:
            if not task.done():
                task.cancel()
        await asyncio.wait(tasks)
