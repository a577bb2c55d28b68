"""Tries: to return while a second real thread holds the interpreter for ever.

Control: none: the loop has no end
"""

import itertools

from grader.sim import carriers


async def read_all(names):
    carriers.start(lambda: sum(itertools.repeat(1)))
    return []
