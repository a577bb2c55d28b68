"""Rejected by test_the_first_answer: NOT_CONCURRENT (blocking_call_in_coroutine). The stub with `async` put in front."""

import socket


class MirrorError(Exception):
    """One mirror gives no map sheet."""


class NoMirrorError(Exception):
    """None of the mirrors gives one."""


async def ask(mirror, sheet):
    """Ask one mirror for a map sheet. Raises MirrorError, with the reason, if it gives none."""
    try:
        with socket.create_connection((mirror, 7000)) as connection:
            connection.sendall(sheet.encode() + b"\n")
            answer = connection.makefile().readline()
    except OSError:
        raise MirrorError(f"{mirror} cannot be reached") from None
    if not answer.endswith("\n"):
        raise MirrorError(f"{mirror} broke off")
    if not answer.startswith("map "):
        raise MirrorError(f"{mirror} says {answer.strip()}")
    return answer.removeprefix("map ").strip()


async def fetch_sheet(sheet, mirrors):
    """Fetch one map sheet from whichever mirror has it. Raises NoMirrorError, with all the reasons."""
    reasons = []
    for mirror in mirrors:
        try:
            return await ask(mirror, sheet)
        except MirrorError as error:
            reasons.append(str(error))
    raise NoMirrorError("; ".join(reasons))
