"""An event says that the clean-up is over; errors are kept until then."""

import asyncio


async def observe(targets, expose, save, park):
    pictures, errors, over = [], [], asyncio.Event()

    async def clean_up():
        try:
            await save(pictures)
        except BaseException as error:
            errors.append(error)
        try:
            await park()
        except BaseException as error:
            errors.append(error)
        over.set()

    try:
        for target in targets:
            pictures.append(await expose(target))
    except BaseException as error:
        errors.append(error)
    cleaning = asyncio.create_task(clean_up())
    while not over.is_set():
        try:
            await over.wait()
        except asyncio.CancelledError as error:
            errors.append(error)
    await cleaning
    if errors:
        raise errors[-1]
    return pictures
