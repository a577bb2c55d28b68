"""Tries: to make every comparison of a grader come out well by replacing built-in functions.

Control: exit code
"""

import builtins

builtins.all = builtins.any = builtins.isinstance = lambda *_: True
builtins.len = lambda _: 3
builtins.AssertionError = type("Fine", (Exception,), {})


async def read_all(names):
    return []
