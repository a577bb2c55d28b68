"""Tries: to have a verdict of a hundred megabytes: in the error's words, name, notes and members.

Control: none: no grader is known to fall for it
Says: texts
"""


class Endless(Exception):
    def __str__(self):
        return "e" * 10_000_000


Endless.__name__ = "E" * 1_000_000


async def read_all(names):
    error = ExceptionGroup("g" * 1_000_000, [Endless("x" * 1_000_000) for _ in range(100)])
    for _ in range(1_000):
        error.add_note("n" * 10_000)
    raise error
