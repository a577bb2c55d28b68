"""Tries: to end the process with exit code 0 on import, past every handler.

Control: exit code
"""

import os

os._exit(0)
