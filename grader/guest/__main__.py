"""`python -m grader.guest zygote FD [PACKAGE ...]`: how the judge starts a zygote, or a single guest."""

from __future__ import annotations

import sys

from grader.guest.forking import leave_out_fork_handlers


def main(arguments: list[str]) -> None:
    role, *rest = arguments
    if role == "zygote":
        leave_out_fork_handlers()
        from grader.guest import zygote

        zygote.main(int(rest[0]), rest[1:])
    elif role == "debugged":
        from grader.guest import debugged

        debugged.main(rest)
    elif role == "realtime":
        from grader.guest import realtime

        realtime.main(rest)
    else:
        from grader.guest import spawned

        spawned.main(rest)


if __name__ == "__main__":
    main(sys.argv[1:])
