"""Tries: to win comparisons from the right-hand side: a subclass is asked first.

Control: exit code
"""


class Liar(list):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __instancecheck__(self, other):
        return True

    __hash__ = None
    __class__ = list


async def read_all(names):
    return Liar(names)
