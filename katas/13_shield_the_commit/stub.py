"""Kata 13: do not stop in the middle of that.

This version works, but every transfer costs a thread, and while it joins that thread we only wait.
"""

import threading
import time


def transfer(order, check, commit, notify):
    """Check the order, commit it, notify both sides. Returns the receipt.

    The commit runs in a thread of its own, which Ctrl-C does not reach.
    """
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
            interrupted = interrupt  # Not now. Later.
    if errors:
        raise errors[0]
    if interrupted:
        raise interrupted
    notify(receipts[0])
    return receipts[0]


def check_by_hand(order):
    time.sleep(0.5)
    return f"approval of {order}"


def write_in_the_ledger(order, approval):
    time.sleep(2.0)
    return f"receipt for {order}"


def send_letters(receipt):
    time.sleep(1.0)


def main():
    for order in ("rent", "salt", "sails"):
        print(transfer(order, check_by_hand, write_in_the_ledger, send_letters))


if __name__ == "__main__":
    main()
