"""Tries: to have the judge build a set whose members all have one hash, which takes it hours.

Control: says spoke
"""

import itertools
import sys

from grader import wire

print("spoke")
link = sys.stdout.buffer.raw._link


async def read_all(names):
    members = itertools.islice(itertools.product((-1, -2), repeat=17), 20_000)
    data = ["set", [["tuple", list(member)] for member in members]]
    for number in range(1, 9):
        link.act(wire.Returned(number, wire.Packed(data)))
        break
    link.idle(link_kernel(), 0)
    raise ValueError


def link_kernel():
    from grader.sim import world

    return world.current().kernel
