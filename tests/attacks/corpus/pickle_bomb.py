"""Tries: to have the judge run code of ours while it unpickles the answer, or an exception.

Control: attempt
"""

import pickle


class Bomb(list):
    def __reduce__(self):
        return (exec, ("import sys; sys.fooled = True",))


class BombError(Exception):
    def __reduce__(self):
        return (exec, ("import sys; sys.fooled = True",))


def attempt():
    import sys

    pickle.loads(pickle.dumps(BombError()))
    return pickle.loads(pickle.dumps(Bomb())) is None and sys.fooled


async def read_all(names):
    if len(names) % 2:
        raise BombError(pickle.dumps(Bomb()), Bomb())
    return Bomb()
