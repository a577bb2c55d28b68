"""Tries: to end the process with exit code 0 from a signal handler.

Control: exit code
"""

import os
import signal


async def read_all(names):
    signal.signal(signal.SIGUSR1, lambda *_: os._exit(0))
    signal.raise_signal(signal.SIGUSR1)
    return []
