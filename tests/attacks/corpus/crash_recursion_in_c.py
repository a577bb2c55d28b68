"""Tries: to overflow the C stack: repr, json, pickle, compile and comparison of what is nested deep.

Control: none: versions of Python differ in which of these they survive
"""

import json
import pickle
import sys

sys.setrecursionlimit(10**9)


class Chain:
    def __init__(self, inner):
        self.inner = inner

    def __repr__(self):
        return repr(self.inner)

    def __getattr__(self, name):
        return getattr(self.inner, name)


async def read_all(names):
    nested = chain = None
    for _ in range(200_000):
        nested, chain = [nested], Chain(chain)
    for digs in (
        lambda: compile("(" * 100_000 + ")" * 100_000, "x", "eval"),
        lambda: compile("-" * 500_000 + "1", "x", "eval"),
        lambda: json.loads("[" * 200_000),
        lambda: json.dumps(nested),
        lambda: pickle.dumps(nested),
        lambda: nested == [nested],
        lambda: repr(nested),
        lambda: chain.nothing,
        lambda: repr(chain),
    ):
        try:
            digs()
        except (RecursionError, MemoryError, SyntaxError, ValueError, AttributeError):
            pass
    return nested
