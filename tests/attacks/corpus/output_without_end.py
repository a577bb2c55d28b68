"""Tries: to fill the judge's memory with output.

Control: says It printed more than
Ends: OUTPUT_LIMIT
"""


async def read_all(names):
    for _ in range(10_000):
        print("x" * 100_000)
