"""Rejected by test_cancelled_again: WRONG_ANSWER. When the clean-up is broken off, it is done once more from the start."""

import asyncio


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
        cancelled = None
        while True:
            try:
                await clean_up(pictures, save, park)
                break
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled:
            raise cancelled
    return pictures
