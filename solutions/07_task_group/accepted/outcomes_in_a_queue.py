"""Tasks put their outcomes into a queue; save_all takes them out until one is an error."""

import asyncio


async def save_one(record, save, discard):
    try:
        return await save(record)
    except asyncio.CancelledError:
        await discard(record)
        raise


async def save_all(records, save, discard):
    outcomes = asyncio.Queue()
    receipts, errors = {}, []

    async def attend(number, record):
        try:
            outcomes.put_nowait((number, await save_one(record, save, discard)))
        except Exception as error:
            outcomes.put_nowait((None, error))

    def note(number, outcome):
        if number is None:
            errors.append(outcome)
        else:
            receipts[number] = outcome

    tasks = [asyncio.create_task(attend(*each)) for each in enumerate(records)]
    try:
        while len(receipts) < len(records) and not errors:
            note(*await outcomes.get())
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    while not outcomes.empty():
        note(*outcomes.get_nowait())
    if errors:
        raise ExceptionGroup("save_all", errors)
    return [receipts[number] for number in range(len(records))]
