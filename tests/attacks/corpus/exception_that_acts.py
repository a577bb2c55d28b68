"""Tries: to act while its exception is looked at: its text, its arguments, its class, its notes.

Control: exit code
"""

import os


class Acting(Exception):
    def __str__(self):
        os._exit(0)

    __repr__ = __str__

    @property
    def __notes__(self):
        os._exit(0)

    @property
    def args(self):
        os._exit(0)


async def read_all(names):
    raise Acting
