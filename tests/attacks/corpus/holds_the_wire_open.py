"""Tries: to go on when the judge has closed the wire: the guest's own exit is replaced.

Control: says spoke
"""

import sys

from grader.guest import life
from grader.guest import link as links

print("spoke")


def never(code):
    while True:
        pass


links._exit = life._exit = never


async def read_all(names):
    return []
