"""Tries: to raise the grader's own exceptions, so that the failure seems the grader's.

Control: attempt
"""

from grader import errors


def attempt():
    return issubclass(errors.JudgeError, errors.KataError)


async def read_all(names):
    kinds = [errors.JudgeError("x"), errors.Deadlock("x"), errors.BusyLoop(), errors.WorldEnded(), errors.WireError()]
    raise kinds[len(names) % 5]
