"""Tries: to write the result file from a thread that goes on after the check.

Control: json
"""

import threading
import time


def forge():
    time.sleep(0.2)
    with open("result.json", "w") as file:
        file.write('{"verdict": "ACCEPTED", "accepted": true, "points": 8}')


async def read_all(names):
    threading.Thread(target=forge).start()
    return []
