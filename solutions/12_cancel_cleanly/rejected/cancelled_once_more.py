"""Rejected by test_the_caller_counts_cancellations: WRONG_ANSWER. It cancels itself at the end, so that there is one cancellation too many."""

import asyncio


async def observe(targets, expose, save, park):
    pictures = []

    async def clean_up():
        try:
            await save(pictures)
        finally:
            await park()

    try:
        for target in targets:
            pictures.append(await expose(target))
    finally:
        cleaning = asyncio.create_task(clean_up())
        interrupted = False
        while not cleaning.done():
            try:
                await asyncio.wait([cleaning])
            except asyncio.CancelledError:
                interrupted = True
        cleaning.result()
        if interrupted:
            asyncio.current_task().cancel()
            await asyncio.sleep(0)  # The cancellation comes out here.
    return pictures
