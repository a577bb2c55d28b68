"""Tries: to have an exception that is its own cause, context and member.

Control: none: no grader is known to fall for it
"""


async def read_all(names):
    one, two = ValueError(1), ValueError(2)
    one.__cause__, two.__cause__ = two, one
    one.__context__, two.__context__ = two, one
    group = BaseExceptionGroup("g", [one, two])
    two.__cause__ = group
    one.__notes__ = 7
    raise group
