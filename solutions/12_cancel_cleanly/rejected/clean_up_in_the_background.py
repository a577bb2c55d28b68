"""Rejected by test_a_whole_night: LEAKED. The clean-up is started, and observe is over."""

import asyncio


async def clean_up(pictures, save, park):
    try:
        await save(pictures)
    finally:
        await park()


background = set()


async def observe(targets, expose, save, park):
    pictures = []
    try:
        for target in targets:
            pictures.append(await expose(target))
    finally:
        background.add(asyncio.create_task(clean_up(pictures, save, park)))
    return pictures
