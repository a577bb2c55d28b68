"""A guest in a plain process, not shut in, for one's own code: on the real clock, or under a debugger."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from grader.judge.launch import GuestChild, OwnProcess, command, environment
from grader.judge.pipe import StreamPipe
from grader.records import Limits


def start(role: str, limits: Limits, *packages: str, terminal: bool = False) -> GuestChild:
    """Start a guest in that role of `grader.guest`, with two pipes of its own for a wire.

    With `terminal` it shares standard input and output with this process, else its input is empty.
    """
    hears, says = os.pipe(), os.pipe()
    with _inherited(hears[0], says[1]) as (numbers, options):
        process = subprocess.Popen(
            command(role, *map(str, numbers), msgspec.json.encode(limits).decode(), *packages),
            env=environment(),
            stdin=None if terminal else subprocess.DEVNULL,
            **options,
        )
    source, sink = os.fdopen(says[0], "rb", buffering=0), os.fdopen(hears[1], "wb", buffering=0)
    return OwnProcess(process, StreamPipe(source, sink))


@contextmanager
def _inherited(*descriptors: int) -> Iterator[tuple[list[int], dict[str, Any]]]:
    """The numbers by which a child process knows these descriptors, and what `Popen` must be told.

    They are closed here afterwards. On Windows a child inherits handles, and no descriptors.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            handles = [msvcrt.get_osfhandle(descriptor) for descriptor in descriptors]
            for handle in handles:
                os.set_handle_inheritable(handle, True)
            startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": handles})
            yield handles, {"startupinfo": startup}
        else:
            yield list(descriptors), {"pass_fds": descriptors}
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
