"""`subprocess`, `os.kill`, `os.waitpid` and their kin on the simulated machine's children.

The standard library's `Popen` runs unmodified but for the three places where it starts a process or
waits for one; pipes are the machine's own. A real process id never leaves this module.
"""

from __future__ import annotations

import errno
import os as _real
import subprocess as _subprocess
from collections.abc import Sequence
from typing import Any, NoReturn

from grader.errors import NotSimulated
from grader.sim import world
from grader.sim.children.children import OWN_PID, Child, Children, Matches
from grader.sim.kernel import NS
from grader.sim.refusals import refusal, refusals
from grader.sim.shims import os_paths
from grader.sim.shims import selectors as selectors_shim
from grader.sim.shims import time as time_shim
from grader.sim.shims.signal import checked_number

try:
    import _posixsubprocess
except ImportError:  # Windows has none.
    _posixsubprocess = None  # type: ignore[assignment]  # the name stays, to be asked for

_HALF_NS = 0.5 / NS
_STOCK_CHECK_TIMEOUT: Any = getattr(_subprocess.Popen, "_check_timeout", None)


def _children() -> Children:
    return world.current().children


# -- os: ids and signals ---------------------------------------------------------------------------
def getpid() -> int:
    return OWN_PID


def getppid() -> int:
    return 1


def getpgrp() -> int:
    return OWN_PID


def getpgid(pid: int, /) -> int:
    return _children().group_of(pid)


def kill(pid: int, sig: Any, /) -> None:
    """As `os.kill` among the simulated processes; to any other it is ProcessLookupError.

    Raises PermissionError for process 1 and for "everybody".
    """
    signum = checked_number(sig) if sig else 0
    if pid == -1:
        raise PermissionError(1, _real.strerror(1))
    if pid == 0:
        _children().send_to_group(OWN_PID, signum)
    elif pid < 0:
        _children().send_to_group(-pid, signum)
    else:
        _children().send(pid, signum)


def killpg(pgid: int, sig: Any, /) -> None:
    _children().send_to_group(pgid or OWN_PID, checked_number(sig) if sig else 0)


# -- os: waiting -----------------------------------------------------------------------------------
def _matching(pid: int) -> Matches:
    if pid == -1:
        return lambda child: True
    if pid <= 0:
        group = -pid or OWN_PID
        return lambda child: child.group == group

    def is_it(child: Child) -> bool:
        return child.pid == pid

    return is_it


def waitpid(pid: int, options: int, /) -> tuple[int, int]:
    """As `os.waitpid`. Raises ChildProcessError."""
    matches = _matching(pid)
    if options & getattr(_real, "WNOHANG", 1):
        return _children().collect_now(matches) or (0, 0)
    return _children().collect(matches, None, "os.waitpid") or (0, 0)


def wait() -> tuple[int, int]:
    return waitpid(-1, 0)


def pidfd_open(pid: int, flags: int = 0) -> NoReturn:
    """As on a kernel without it. From 3.14 on asyncio asks for it when a loop is made, and does without."""
    raise OSError(errno.ENOSYS, "os.pidfd_open is not simulated")


def system(command: Any) -> int:
    """As `os.system`: the status that `os.waitpid` would give."""
    # Handed to Popen by keyword, as a learner would: a shell is what this function is for.
    code = _subprocess.Popen(command, shell=True).wait()
    return -code if code < 0 else code << 8


# -- subprocess ------------------------------------------------------------------------------------
_FORK_EXEC_UNSIMULATED = {"preexec_fn": None, "gid": None, "groups": None, "uid": None}


def _program(args: Sequence[Any], candidates: Sequence[bytes]) -> bytes:
    """The name to look for: a bare one comes as its candidates in each folder of PATH."""
    name = candidates[0].rpartition(_real.fsencode(_real.sep))[2]
    return name if len(candidates) > 1 or _real.fsencode(args[0]) == name else candidates[0]


def fork_exec(
    args: Sequence[Any],
    executable_list: Sequence[bytes],
    close_fds: bool,
    fds_to_keep: tuple[int, ...],
    cwd: Any,
    env_list: Sequence[bytes] | None,
    p2cread: int,
    p2cwrite: int,
    c2pread: int,
    c2pwrite: int,
    errread: int,
    errwrite: int,
    errpipe_read: int,
    errpipe_write: int,
    restore_signals: bool,
    call_setsid: bool,
    pgid_to_set: int,
    gid: Any,
    groups: Any,
    uid: Any,
    umask: int,
    preexec_fn: Any,
    *rest: Any,
) -> int:
    """As `_posixsubprocess.fork_exec`, whose arguments these are. Raises what `exec` would have."""
    given = {"preexec_fn": preexec_fn, "gid": gid, "groups": groups, "uid": uid}
    if given != _FORK_EXEC_UNSIMULATED or set(fds_to_keep) - {errpipe_write}:
        raise NotSimulated("subprocess.Popen with preexec_fn, user, group, extra_groups or pass_fds")
    program = _program(args, executable_list)
    folder = os_paths.getcwd() if cwd is None else cwd
    arguments = tuple(_real.fsencode(argument) for argument in args)
    environment = None if env_list is None else tuple(env_list)
    fds = (p2cread, c2pwrite, errwrite)
    own_group = bool(call_setsid) or pgid_to_set == 0
    try:
        return _children().spawn(
            program, arguments, _real.fsencode(folder), environment, fds, own_group=own_group
        )
    except OSError as error:
        assert error.errno is not None
        raise OSError(error.errno, error.strerror, _real.fsdecode(program)) from None


def _popen_wait(popen: Any, timeout: float | None) -> int:
    """`Popen._wait`: the stock one polls, which would end a wait up to 50 ms late."""
    if popen.returncode is None:
        kernel = world.current().kernel
        until_ns = None if timeout is None else kernel.after(timeout)
        try:
            found = _children().collect(_matching(popen.pid), until_ns, "Popen.wait")
        except ChildProcessError:
            found = (popen.pid, 0)
        if popen.returncode is None:  # Another thread may have waited for it too.
            if found is None:
                raise _subprocess.TimeoutExpired(popen.args, timeout or 0.0)
            popen._handle_exitstatus(found[1])
    return int(popen.returncode)


def _popen_poll(popen: Any, _deadstate: int | None = None, *_options: Any) -> int | None:
    """`Popen._internal_poll`: the stock one keeps the `waitpid` of its import as a default."""
    if popen.returncode is None:
        machine = world.current_or_none()
        try:
            if machine is None or machine.kernel.ended:
                raise ChildProcessError
            found = machine.children.collect_now(_matching(popen.pid))
        except ChildProcessError:
            popen.returncode = 0 if _deadstate is None else _deadstate
        else:
            if found is not None:
                popen._handle_exitstatus(found[1])
    return popen.returncode


def _popen_selector() -> selectors_shim.SimSelector:
    return selectors_shim.DefaultSelector("Popen.communicate")


def _popen_check_timeout(popen: Any, endtime: float | None, *rest: Any, **options: Any) -> None:
    """`Popen._check_timeout`: the stock one waits for a clock that has passed the deadline.

    This clock stops exactly there, as far as floats can say it.
    """
    if endtime is not None and time_shim.monotonic() + _HALF_NS >= endtime:
        endtime = -1.0
    _STOCK_CHECK_TIMEOUT(popen, endtime, *rest, **options)


_REPLACED = (getpid, getppid, getpgrp, getpgid, kill, killpg, waitpid, wait, pidfd_open, system)
_REFUSED = (
    "execl",
    "execle",
    "execlp",
    "execlpe",
    "execv",
    "execve",
    "execvp",
    "execvpe",
    "fork",
    "forkpty",
    "getsid",
    "posix_spawn",
    "posix_spawnp",
    "setpgid",
    "setpgrp",
    "setsid",
    "spawnl",
    "spawnle",
    "spawnlp",
    "spawnlpe",
    "spawnv",
    "spawnve",
    "spawnvp",
    "spawnvpe",
    "startfile",
    "wait3",
    "wait4",
    "waitid",
)


def _popen_patches() -> list[tuple[Any, str, Any]]:
    popen = _subprocess.Popen
    if not hasattr(_subprocess, "_fork_exec"):
        return [(popen, "__init__", refusal("subprocess.Popen on this platform"))]
    return [
        (_subprocess, "_fork_exec", fork_exec),
        (_subprocess, "_USE_POSIX_SPAWN", False),
        (_subprocess, "_PopenSelector", _popen_selector),
        (_subprocess, "_time", time_shim.monotonic),
        (_subprocess, "_active", []),
        (popen, "_wait", _popen_wait),
        (popen, "_internal_poll", _popen_poll),
        (popen, "_check_timeout", _popen_check_timeout),
    ]


def patches() -> list[tuple[Any, str, Any]]:
    """What of `os` and `subprocess` a simulated process replaces for its children."""
    replaced = [(_real, one.__name__, one) for one in _REPLACED if hasattr(_real, one.__name__)]
    elsewhere = [] if _posixsubprocess is None else refusals(_posixsubprocess, ("fork_exec",))
    return [*replaced, *refusals(_real, _REFUSED), *elsewhere, *_popen_patches()]
