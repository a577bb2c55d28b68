"""Rejected by test_receipts_in_order: WRONG_ANSWER (never_awaited). `save` gives a coroutine now, and nobody awaits it."""


async def save_one(record, save, discard):
    try:
        return save(record)
    except KeyboardInterrupt:
        discard(record)
        raise


async def save_all(records, save, discard):
    receipts = []
    for record in records:
        receipts.append(await save_one(record, save, discard))
    return receipts
