"""Rejected by test_a_transfer_is_made: BLOCKED_LOOP (blocking_call_in_coroutine). Looks whether it is done, and sleeps with time.sleep."""

import asyncio
import time


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    cancelled = None
    while not committing.done():
        try:
            await asyncio.sleep(0)
            time.sleep(0.001)
        except asyncio.CancelledError as error:
            cancelled = error
    receipt = committing.result()
    if cancelled:
        raise cancelled
    await notify(receipt)
    return receipt
