"""Rejected by test_an_exposure_that_takes_a_while_to_stop: WRONG_ANSWER. Cancels the exposure, and does not wait for its end."""

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
            exposure = asyncio.create_task(expose(target))
            try:
                await asyncio.wait([exposure])
            except asyncio.CancelledError:
                exposure.cancel()
                raise
            pictures.append(exposure.result())
    finally:
        cleaning = asyncio.create_task(clean_up())
        cancelled = None
        while not cleaning.done():
            try:
                await asyncio.wait([cleaning])
            except asyncio.CancelledError as error:
                cancelled = error
        cleaning.result()
        if cancelled is not None:
            raise cancelled
    return pictures
