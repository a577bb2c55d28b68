"""Tries: to redraw the terminal of whoever reads the verdict: escapes in output, errors and names.

Control: says \\x1b
Says: texts
"""

import asyncio

ESCAPES = "\x1b[2J\x1b[1;1H\x1b]0;ACCEPTED\x07\x1b[32mACCEPTED\x1b[0m\r\x9b2J\u202e\x00\x08"


class Escaped(Exception):
    pass


Escaped.__name__ = Escaped.__qualname__ = ESCAPES.replace("\0", "")


async def read_all(names):
    print(ESCAPES)
    task = asyncio.create_task(asyncio.sleep(100), name=ESCAPES)
    error = Escaped(ESCAPES)
    error.add_note(ESCAPES)
    error.task = task
    raise error
