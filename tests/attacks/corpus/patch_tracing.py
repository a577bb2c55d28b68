"""Tries: to rewrite a comparing frame's locals by tracing, profiling and audit hooks.

Control: attempt
"""

import sys

seen = []


def hook(*args):
    seen.append(args[:1])
    return hook


def attempt():
    sys.setprofile(hook)
    len([])
    sys.setprofile(None)
    return bool(seen)


sys.addaudithook(lambda *args: None)


async def read_all(names):
    sys.settrace(hook)
    sys.setprofile(hook)
    return []
