"""Rejected by test_cancelled: LEAKED (shield_without_reference). shield protects the clean-up, and nobody waits for it after a second cancellation."""

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
        await asyncio.shield(clean_up(pictures, save, park))
    return pictures
