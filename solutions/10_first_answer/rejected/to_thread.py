"""Rejected by test_the_first_answer: LEAKED. A thread does not hear of a cancellation, and there are few of them."""

import asyncio
import socket


class MirrorError(Exception):
    pass


class NoMirrorError(Exception):
    pass


def ask(mirror, sheet):
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
    tasks = [asyncio.create_task(asyncio.to_thread(ask, mirror, sheet)) for mirror in mirrors]
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
