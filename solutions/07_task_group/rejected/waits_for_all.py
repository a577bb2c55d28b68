"""Rejected by test_first_failure_stops_the_rest: WRONG_ANSWER. Nobody stops the others; all errors are told at the end."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    jobs = (save_one(record, save, discard) for record in records)
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    if errors:
        raise ExceptionGroup("save_all", errors)
    return outcomes
