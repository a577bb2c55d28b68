"""Rejected by test_a_whole_night: BLOCKED_LOOP. The clean-up cannot be cancelled in a thread; and the loop stands still."""

import asyncio
import threading


async def clean_up(pictures, save, park):
    try:
        await save(pictures)
    finally:
        await park()


async def observe(targets, expose, save, park):
    pictures = []
    try:
        for target in targets:
            pictures.append(await expose(target))
    finally:
        thread = threading.Thread(target=asyncio.run, args=[clean_up(pictures, save, park)])
        thread.start()
        thread.join()
    return pictures
