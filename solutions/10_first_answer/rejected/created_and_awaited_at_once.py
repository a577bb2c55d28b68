"""Rejected by test_the_first_answer_is_returned: NOT_CONCURRENT (created_and_awaited_at_once). A task per mirror, each waited for at once."""

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
    reasons = []
    for mirror in mirrors:
        task = asyncio.create_task(ask(mirror, sheet))
        try:
            return await task
        except MirrorError as error:
            reasons.append(str(error))
    raise NoMirrorError("; ".join(reasons))
