"""Rejected by test_every_cause_is_told: WRONG_ANSWER. What is saved in spite of the cancellation is thrown away all the same."""

import asyncio


async def save_one(record, save, discard):
    saving = asyncio.ensure_future(save(record))
    try:
        await asyncio.wait([saving])
    except asyncio.CancelledError:
        saving.cancel()
        await asyncio.wait([saving])
        if saving.cancelled() or not saving.exception():
            await discard(record)
            raise
    return saving.result()


async def save_all(records, save, discard):
    tasks = []

    def stop_others(failed):
        for task in tasks:
            if task is not failed and not task.cancelling():
                task.cancel()

    async def attend(record):
        try:
            return await save_one(record, save, discard)
        except Exception:
            stop_others(asyncio.current_task())
            raise

    tasks += [asyncio.create_task(attend(record)) for record in records]
    try:
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    except asyncio.CancelledError:
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if errors:
        raise ExceptionGroup("save_all", errors)
    return outcomes
