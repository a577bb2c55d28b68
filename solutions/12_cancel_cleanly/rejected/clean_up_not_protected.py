"""Rejected by test_cancelled_again: WRONG_ANSWER. A finally that awaits is broken off by the next cancellation."""

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
        await clean_up(pictures, save, park)
    return pictures
