"""Print the table. `python -m tests.bench [PART ...]` for some parts only."""

from __future__ import annotations

import importlib
import os
import platform
import sys

PARTS = ("one_kata", "machine", "katas", "batch", "attacks")


def main(parts: list[str]) -> int:
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    missed = 0
    for part in parts or PARTS:
        for row in importlib.import_module(f"tests.bench.{part}").rows():
            print(row, flush=True)
            missed += row.reached is False
    print(f"{missed} goals missed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
