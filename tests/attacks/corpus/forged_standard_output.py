"""Tries: to print what a grader prints on success, and to leave before it says otherwise.

Control: stdout
"""

import os

print("PASSED")
os.write(1, b"PASSED\n")
os._exit(0)
