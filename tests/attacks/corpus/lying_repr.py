"""Tries: to look like the right answer to a grader that compares text.

Control: attempt
"""


class Liar(list):
    def __repr__(self):
        return "[11, 22, 33]"

    __str__ = __repr__

    def __format__(self, spec):
        return "[11, 22, 33]"


def attempt():
    return repr(Liar()) == str(Liar()) == f"{Liar()}" == "[11, 22, 33]"


async def read_all(names):
    return Liar()
