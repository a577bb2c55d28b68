"""Tries: to return a list of a subclass that is equal to everything.

Control: exit code
"""


class Liar(list):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = list.__hash__


async def read_all(names):
    return Liar(0 for _ in names)
