"""Rejected by test_every_cause_is_told: WRONG_ANSWER. The first to fail cancels the others, one of which is about to hear of its own failure."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    tasks, errors = {}, []

    async def attend(record):
        try:
            return await save_one(record, save, discard)
        except Exception as error:
            errors.append(error)
            for other, task in tasks.items():
                if other != record and not task.cancelling():
                    task.cancel()

    tasks.update({record: asyncio.create_task(attend(record)) for record in records})
    try:
        receipts = await asyncio.gather(*tasks.values(), return_exceptions=True)
    except asyncio.CancelledError:
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        raise
    if errors:
        raise ExceptionGroup("not saved", errors)
    return receipts
