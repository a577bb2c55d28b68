"""Rejected by test_all_are_asked_at_once: NOT_CONCURRENT. gather waits for the slowest before anybody looks at the first."""

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
    answers = await asyncio.gather(*(ask(mirror, sheet) for mirror in mirrors), return_exceptions=True)
    for answer in answers:
        if isinstance(answer, str):
            return answer
    raise NoMirrorError("; ".join(map(str, answers)))
