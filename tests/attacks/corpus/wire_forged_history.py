"""Tries: to fill the judge with lies about itself: instants that never were, lines that are not there.

Control: says spoke
"""

import sys

from grader import wire
from grader.records import BlockedStretch, Exchange, History, TaskState

print("spoke")
link = sys.stdout.buffer.raw._link
big = (1 << 62)


async def read_all(names):
    states = [
        TaskState(task="\x1b[2J", line=line, function="<b>", waiting_on="=1+1", parent="\x1b[2J")
        for line in (-1, 0, big, None)
    ]
    for at_ns in (big, -big, 0, 5, -1):
        blocked = [BlockedStretch(what="x", line=-7, function="", start_ns=at_ns, end_ns=-at_ns)]
        link.act(wire.Noted(blocked, [wire.Moment(at_ns=at_ns, states=states, over=[]), wire.Moment(at_ns=0, states=[], over=[""])]))
    fake = tuple(Exchange(host=name, label="temperature?", start_ns=0, end_ns=10**9) for name in names)
    link.act(wire.Inspected(History(exchanges=fake, pending=tuple(states), never_awaited=(("x" * 100_000, -1),))))
    return []
