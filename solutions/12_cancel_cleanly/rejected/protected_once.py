"""Rejected by test_cancelled_again: WRONG_ANSWER. After the second cancellation the clean-up is awaited directly; the third breaks it off."""

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
        cleaning = asyncio.create_task(clean_up(pictures, save, park))
        try:
            await asyncio.shield(cleaning)
        except asyncio.CancelledError:
            await cleaning
            raise
    return pictures
