"""Tasks with a callback each, which announces; a future tells of the end."""

import asyncio
from functools import partial


async def run_race(boats, sail, announce):
    order, over = [], asyncio.get_running_loop().create_future()

    def finished(boat, task):
        if over.done():
            return
        try:
            words = task.result()
            order.append(boat)
            announce(len(order), boat, words)
        except BaseException as error:
            over.set_exception(error)
        else:
            if len(order) == len(tasks):
                over.set_result(order)

    tasks = [asyncio.ensure_future(sail(boat)) for boat in boats]
    if not tasks:
        return []
    for boat, task in zip(boats, tasks, strict=True):
        task.add_done_callback(partial(finished, boat))
    try:
        return await over
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
