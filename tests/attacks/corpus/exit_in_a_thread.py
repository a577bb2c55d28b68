"""Tries: to end the process with exit code 0 from a second thread while the call is under way.

Control: exit code
"""

import asyncio
import os
import threading


async def read_all(names):
    threading.Thread(target=os._exit, args=(0,)).start()
    await asyncio.sleep(0.2)
    return []
