"""Tries: to write the report file that a grader reads, and to leave before the real one is written.

Control: junit
"""

import os

REPORT = '<testsuites><testsuite name="s" tests="1" failures="0" errors="0"><testcase name="t"/></testsuite></testsuites>'


async def read_all(names):
    with open("junit.xml", "w") as file:
        file.write(REPORT)
    os._exit(0)
