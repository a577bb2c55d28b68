"""gather for the first failure; a second gather waits for what is left."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    tasks = [asyncio.ensure_future(save_one(record, save, discard)) for record in records]
    try:
        return await asyncio.gather(*tasks)
    except Exception:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        raise ExceptionGroup("save_all", [each for each in outcomes if isinstance(each, Exception)]) from None
