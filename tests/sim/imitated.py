"""Windows and macOS as far as they can be imitated on Linux: what a platform lacks, the grader does not find.

`lay_out` makes a folder that stands for an installation. Whatever Python is started with it on its path,
judge, zygote, guest or worker, imports `sitecustomize` from there, and that puts the imitation in place
before anything else. The grader's own modules then see another `os`, `sys`, `signal`, ... than the standard
library, which stays Linux's; and no module at all may fork where there is no fork, or read /proc.

What this cannot show: how the real system calls behave there, asyncio's own loops for Windows, consoles.
"""

from __future__ import annotations

import builtins
import sys
import types
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

_LINUX_ONLY = {
    "os": """O_PATH copy_file_range eventfd getrandom getresgid getresuid memfd_create pidfd_open pipe2
        posix_fadvise posix_fallocate sched_getaffinity sched_setaffinity setns setresgid setresuid splice
        unshare waitid""",
    "signal": "SIGPOLL SIGPWR SIGRTMAX SIGRTMIN SIGSTKFLT sigtimedwait sigwaitinfo",
    "socket": "SOCK_CLOEXEC SOCK_NONBLOCK SO_BINDTODEVICE SO_PEERCRED",
    "select": "epoll EPOLLIN EPOLLOUT EPOLLET",
    "resource": """RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_OFILE RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING
        prlimit""",
}
_POSIX_ONLY = {
    "os": """O_CLOEXEC O_DIRECTORY O_NOCTTY O_NOFOLLOW O_NONBLOCK P_PID WEXITED WNOHANG WNOWAIT chown confstr
        ctermid environb fchdir fchmod fchown fork forkpty get_blocking getegid getenvb geteuid getgid
        getgroups getloadavg getpgid getpgrp getpriority getsid getuid initgroups killpg lchown lockf mkfifo
        mknod nice openpty posix_spawn posix_spawnp pread preadv pwrite pwritev readv register_at_fork
        sched_yield sendfile set_blocking setgid setgroups setpgid setsid setuid statvfs sync sysconf
        tcgetpgrp ttyname uname wait wait3 wait4 writev""",
    "signal": """SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG
        SIGUSR1 SIGUSR2 SIGWINCH SIGXCPU SIGXFSZ SIG_BLOCK SIG_SETMASK SIG_UNBLOCK alarm getitimer pause
        pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigwait""",
    "socket": "AF_UNIX CMSG_LEN CMSG_SPACE MSG_DONTWAIT SCM_RIGHTS SO_REUSEPORT recv_fds send_fds",
    "select": "poll POLLIN POLLOUT",
    "time": """CLOCK_BOOTTIME CLOCK_MONOTONIC CLOCK_PROCESS_CPUTIME_ID CLOCK_REALTIME CLOCK_THREAD_CPUTIME_ID
        clock_getres clock_gettime clock_gettime_ns clock_settime pthread_getcpuclockid tzset""",
}
_NO_MODULES = "fcntl resource termios tty pty pwd grp syslog readline curses _posixsubprocess"

UNBOUNDED = 2**63 - 1
"""What macOS may answer where it has no limit."""


class Seen:
    """A module as the grader sees it on another platform; what it sets there, everybody has."""

    def __init__(self, module: types.ModuleType, without: str, **other: Any) -> None:
        hidden = dict.fromkeys(without.split())
        object.__setattr__(self, "_parts", (module, hidden, other))

    def __getattribute__(self, name: str) -> Any:
        module, hidden, other = object.__getattribute__(self, "_parts")
        if name == "__dict__":
            return {key: value for key, value in {**vars(module), **other}.items() if key not in hidden}
        if name in hidden:
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r} on this platform")
        return other[name] if name in other else getattr(module, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(object.__getattribute__(self, "_parts")[0], name, value)


def imitate(platform: str) -> None:
    """Have the grader's modules in this process, and those it imports later, see that platform."""
    seen, absent = _windows() if platform == "win32" else _macos()
    real_import = builtins.__import__

    def imported(
        name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        by = (globals or {}).get("__package__") or ""
        if level == 0 and by.partition(".")[0] == "grader":
            if name in absent or (name == "asyncio" and "unix_events" in (fromlist or ()) and absent):
                raise ImportError(f"no module named {name!r} on this platform")
            if name in seen:
                return seen[name]
        return real_import(name, globals, locals, fromlist, level)

    builtins.__import__ = imported
    sys.addaudithook(_forbid(bool(absent)))


def _forbid(is_windows: bool) -> Any:
    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("open", "os.listdir", "os.scandir") and arguments and isinstance(arguments[0], str):
            if arguments[0].startswith("/proc/"):
                raise FileNotFoundError(2, "there is no /proc on this platform", arguments[0])
        elif is_windows and event in ("os.fork", "os.forkpty", "os.killpg", "resource.setrlimit"):
            raise NotImplementedError(f"there is no {event} on this platform")

    return hook


def _windows() -> tuple[dict[str, Any], list[str]]:
    import ctypes
    import os
    import select
    import signal
    import socket
    import subprocess
    import time

    class StartupInfo:
        def __init__(self, *, lpAttributeList: dict[str, Any]) -> None:  # noqa: N803  # Windows' own name
            self.handles = lpAttributeList["handle_list"]

    class Popen(subprocess.Popen):  # type: ignore[type-arg]  # of whatever kind
        def __init__(self, *arguments: Any, **options: Any) -> None:
            assert not options.get("pass_fds"), "pass_fds not supported on Windows."
            assert not options.get("preexec_fn"), "preexec_fn is not supported on Windows platforms"
            options.pop("start_new_session", None)
            options.pop("creationflags", None)
            startup = options.pop("startupinfo", None)
            handed = tuple(startup.handles) if startup else ()
            assert all(os.get_inheritable(handle) for handle in handed), "a child inherits none of these"
            super().__init__(*arguments, pass_fds=handed, **options)

    def load(name: Any, *rest: Any, **more: Any) -> ctypes.CDLL:
        if name is None:
            raise TypeError("LoadLibrary() argument 1 must be str, not None")
        return ctypes.CDLL(name, *rest, **more)

    more = {"name": "nt", "O_BINARY": 0, "set_handle_inheritable": os.set_inheritable}
    seen: dict[str, Any] = {
        "sys": Seen(sys, "", platform="win32"),
        "os": Seen(os, _LINUX_ONLY["os"] + " " + _POSIX_ONLY["os"], **more),
        "subprocess": Seen(
            subprocess, "", Popen=Popen, STARTUPINFO=StartupInfo, CREATE_NEW_PROCESS_GROUP=0x200
        ),
        "ctypes": Seen(ctypes, "", CDLL=load),
        "time": Seen(time, _POSIX_ONLY["time"]),
        "msvcrt": types.SimpleNamespace(
            setmode=lambda descriptor, mode: mode,
            get_osfhandle=lambda descriptor: descriptor,
            open_osfhandle=lambda handle, flags: handle,
            locking=lambda descriptor, mode, count: None,
            LK_NBLCK=2,
        ),
    }
    for module in (signal, socket, select):
        name = module.__name__
        seen[name] = Seen(module, _LINUX_ONLY[name] + " " + _POSIX_ONLY[name])
    return seen, _NO_MODULES.split()


def _macos() -> tuple[dict[str, Any], list[str]]:
    import os
    import resource
    import select
    import signal
    import socket

    def setrlimit(which: int, limits: tuple[int, int], /) -> None:
        if which == resource.RLIMIT_AS:
            raise ValueError("current limit exceeds maximum limit")  # what Python makes of EINVAL
        resource.setrlimit(which, limits)

    def getrlimit(which: int, /) -> tuple[int, int]:
        return resource.RLIM_INFINITY, resource.RLIM_INFINITY

    def sysconf(name: str, /) -> int:
        return UNBOUNDED if name == "SC_OPEN_MAX" else os.sysconf(name)

    modules = {module.__name__: module for module in (os, signal, socket, select, resource)}
    other: dict[str, dict[str, Any]] = {
        "os": {"sysconf": sysconf},
        "resource": {"setrlimit": setrlimit, "getrlimit": getrlimit},
    }
    seen: dict[str, Any] = {
        name: Seen(module, _LINUX_ONLY[name], **other.get(name, {})) for name, module in modules.items()
    }
    return {**seen, "sys": Seen(sys, "", platform="darwin")}, []


def lay_out(folder: Path, platform: str) -> Path:
    """An installation on that platform, in this folder: the grader as it is here, and the imitation."""
    for name in ("grader", "katas", "solutions"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "imitated.py").symlink_to(__file__)
    begins = f"import imitated\n\nimitated.imitate({platform!r})\n"
    (folder / "sitecustomize.py").write_text(begins, encoding="ascii")
    return folder
