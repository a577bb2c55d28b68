"""Rejected by test_the_others_go_on: RUNTIME_ERROR. One list of commits; the cancellation of one is told to all."""

import asyncio


stopped = []


async def transfer(order, check, commit, notify):
    approval = await check(order)
    committing = asyncio.create_task(commit(order, approval))
    stopped.clear()
    while not committing.done():
        try:
            await asyncio.wait([committing])
        except asyncio.CancelledError as error:
            stopped.append(error)
    receipt = committing.result()
    if stopped:
        raise stopped[0]
    await notify(receipt)
    return receipt
