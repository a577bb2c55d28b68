"""Tries: to be found in every set and dict: equal to all, with a hash that changes.

Control: attempt
"""

import itertools

hashes = itertools.count()


class Liar(int):
    def __hash__(self):
        return next(hashes)

    def __eq__(self, other):
        return True


def attempt():
    return len({Liar(3), Liar(3), Liar(3)}) == 3 and [Liar(3)] == [99]


async def read_all(names):
    return {Liar(3) for _ in names}
