"""Tries: to return text of a subclass that compares as everything, hoping it is turned into numbers.

Control: exit code
"""


class Liar(str):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __int__(self):
        return 0

    __hash__ = str.__hash__


async def read_all(names):
    return [Liar("0") for _ in names]
