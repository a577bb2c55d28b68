"""Rejected by test_a_transfer_is_made: WRONG_ANSWER. The stub with `async` put in front."""

import threading


async def transfer(order, check, commit, notify):
    approval = check(order)
    receipts, errors = [], []

    def critical_section():
        try:
            receipts.append(commit(order, approval))
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=critical_section)
    thread.start()
    interrupted = None
    while thread.is_alive():
        try:
            thread.join()
        except KeyboardInterrupt as interrupt:
            interrupted = interrupt
    if errors:
        raise errors[0]
    if interrupted:
        raise interrupted
    notify(receipts[0])
    return receipts[0]
