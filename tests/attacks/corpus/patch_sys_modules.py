"""Tries: to put a module of its own where the grader will import its checks from.

Control: exit code
"""

import sys
import types

fake = types.ModuleType("checker")
fake.check = fake.assert_equal = fake.assert_took = lambda *args, **kwargs: True
for name in ("checker", "grader.testing", "grader.judge", "grader.judge.verdicts", "grader.suites", "pytest"):
    sys.modules[name] = fake


async def read_all(names):
    return []
