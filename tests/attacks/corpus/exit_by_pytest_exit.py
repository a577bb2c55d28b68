"""Tries: to end the whole test session with exit code 0.

Control: pytest
"""


async def read_all(names):
    import pytest

    pytest.exit("all is well", returncode=0)
