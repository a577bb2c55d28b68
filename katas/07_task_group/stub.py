"""Kata 7: save everything, or stop everything.

This version works, but it saves one record after another: while the archive writes, we only wait.
"""

import time


def save_one(record, save, discard):
    """Save one record. Returns its receipt. Stopped half-way, it throws away what was written."""
    try:
        return save(record)
    except KeyboardInterrupt:
        discard(record)
        raise


def save_all(records, save, discard):
    """Save every record. Returns their receipts, in order; the first failure ends it."""
    receipts = []
    for record in records:
        receipts.append(save_one(record, save, discard))
    return receipts


SECONDS = {"amphora": 2.0, "brooch": 0.5, "coin": 1.5, "dagger": 3.0, "earring": 1.0}


def save_in_archive(record):
    time.sleep(SECONDS[record])
    return f"{record} is in the archive"


def discard_from_archive(record):
    time.sleep(0.5)


def main():
    for receipt in save_all(list(SECONDS), save_in_archive, discard_from_archive):
        print(receipt)


if __name__ == "__main__":
    main()
