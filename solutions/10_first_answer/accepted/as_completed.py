"""as_completed, which raises each failure in its turn."""

import asyncio


class MirrorError(Exception):
    pass


class NoMirrorError(Exception):
    pass


async def converse(mirror, sheet):
    reader, writer = await asyncio.open_connection(mirror, 7000)
    try:
        writer.write(sheet.encode() + b"\n")
        await writer.drain()
        return (await reader.readline()).decode()
    finally:
        writer.close()


async def ask(mirror, sheet, reasons):
    try:
        answer = await converse(mirror, sheet)
    except OSError:
        reasons[mirror] = "cannot be reached"
    else:
        if answer.startswith("map ") and answer.endswith("\n"):
            return answer[4:].strip()
        reasons[mirror] = f"says {answer.strip()}" if answer.endswith("\n") else "broke off"
    raise MirrorError(mirror)


async def fetch_sheet(sheet, mirrors):
    reasons = {}
    tasks = [asyncio.create_task(ask(mirror, sheet, reasons)) for mirror in mirrors]
    try:
        for next_one in asyncio.as_completed(tasks):
            try:
                return await next_one
            except MirrorError:
                pass
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    raise NoMirrorError("; ".join(f"{mirror} {reasons[mirror]}" for mirror in mirrors))
