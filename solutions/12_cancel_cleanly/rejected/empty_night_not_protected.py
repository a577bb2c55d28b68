"""Rejected by test_cancelled_without_targets: WRONG_ANSWER. Only a night with targets has a clean-up that is protected."""

import asyncio


async def observe(targets, expose, save, park):
    pictures, stop = [], None

    async def clean():
        try:
            await save(pictures)
        finally:
            await park()

    if not targets:
        await clean()
        return []
    try:
        for target in targets:
            pictures.append(await expose(target))
    except BaseException as error:
        stop = error
    task = asyncio.create_task(clean())
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            stop = error
    if stop:
        raise stop
    task.result()
    return pictures
