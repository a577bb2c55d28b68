"""Tries: to have the judge hold and compare a result of a million members.

Control: says spoke
Ends: OUTPUT_LIMIT
"""

print("spoke", flush=True)


async def read_all(names):
    return [0] * 1_000_000
