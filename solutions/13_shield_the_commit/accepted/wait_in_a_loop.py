"""A task for the commit, waited for until it is done, however often we are cancelled."""

import asyncio


async def transfer(order, check, commit, notify):
    approval = await check(order)
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


async def main():
    async def step(*args):
        await asyncio.sleep(1)
        return args[0]

    print(await asyncio.gather(*(transfer(order, step, step, step) for order in ("rent", "salt", "sails"))))


if __name__ == "__main__":
    asyncio.run(main())
