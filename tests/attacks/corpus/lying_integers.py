"""Tries: to return integers of a subclass that are equal, less and greater than everything.

Control: exit code
"""


class Liar(int):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = int.__hash__


async def read_all(names):
    return [Liar(0) for _ in names]
