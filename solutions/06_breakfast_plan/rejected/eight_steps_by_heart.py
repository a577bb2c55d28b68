"""Rejected by test_takes_the_critical_path: WRONG_ANSWER. Knows one breakfast, and no other plan."""

import asyncio


async def make(plan, perform):
    async def tea():
        return await perform("brew tea", [await water])

    async def egg():
        return await perform("boil egg", [await water])

    async with asyncio.TaskGroup() as group:
        water = group.create_task(perform("boil water", []))
        table = group.create_task(perform("set table", []))
        pot, boiled = group.create_task(tea()), group.create_task(egg())
        bread = await perform("slice bread", [])
        toast = await perform("toast bread", [bread])
        butter = await perform("butter toast", [toast])
    served = await perform("serve", [table.result(), pot.result(), boiled.result(), butter])
    given = [water, table, None, pot, boiled, None, None, None]
    return dict(zip(plan, given)) | {"serve": served}
