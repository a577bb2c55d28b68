"""Tries: to return an object that is equal to everything.

Control: exit code
"""


class Liar:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = object.__hash__


async def read_all(names):
    return Liar()
