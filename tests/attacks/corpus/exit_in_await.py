"""Tries: to end the process when the answer is awaited: the answer is an awaitable of its own kind.

Control: exit code
"""

import os


class Answer:
    def __await__(self):
        os._exit(0)
        yield


def read_all(names):
    return Answer()
