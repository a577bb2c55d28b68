"""Tries: to have an exception that is a SystemExit and says that it is something else.

Control: exit code
"""


class Harmless(SystemExit):
    __module__ = "builtins"
    code = 0


Harmless.__name__ = "ValueError"


async def read_all(names):
    raise Harmless(0)
