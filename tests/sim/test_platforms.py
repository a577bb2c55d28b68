"""The simulated machine can be imported where the platform lacks what only Unix has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import grader

_AS_ON_WINDOWS = """
import asyncio, os, signal, subprocess, sys
for name in ("fcntl", "_posixsubprocess", "pwd", "grp", "resource"):
    sys.modules[name] = None
for name in ("fork", "kill", "killpg", "pipe2", "sendfile", "set_blocking", "get_blocking", "getpgid",
             "getpgrp", "wait", "WNOHANG", "posix_spawn", "setsid", "waitid", "wait3", "wait4"):
    vars(os).pop(name, None)
for name in ("SIGKILL", "SIGSTOP", "SIGCHLD", "SIGPIPE", "SIGTSTP", "siginterrupt", "set_wakeup_fd",
             "pthread_kill", "setitimer", "alarm", "pause", "sigwait"):
    vars(signal).pop(name, None)
del subprocess._fork_exec
from grader.sim import files, filecalls, inheritance, oscalls, processes, program, programs, signals
from grader.sim import slowfiles
for part in (oscalls, filecalls, processes, signals):
    assert part.patches()
"""


def test_importing_needs_nothing_that_windows_lacks() -> None:
    """Without fcntl, fork, SIGKILL and their kin the modules import, and their patches are made."""
    root = Path(grader.__file__).parent.parent
    subprocess.run([sys.executable, "-c", _AS_ON_WINDOWS], check=True, cwd=root)
