"""Rejected by test_a_step_that_takes_a_while_to_stop: LEAKED. Cancels the check, and does not wait for its end."""

import asyncio


async def transfer(order, check, commit, notify):
    checking = asyncio.create_task(check(order))
    try:
        await asyncio.wait([checking])
    except asyncio.CancelledError:
        checking.cancel()
        raise
    approval = checking.result()
    committing = asyncio.create_task(commit(order, approval))
    cancelled = None
    while not committing.done():
        try:
            await asyncio.wait([committing])
        except asyncio.CancelledError as error:
            cancelled = error
    receipt = committing.result()
    if cancelled is not None:
        raise cancelled
    await notify(receipt)
    return receipt
