"""Run as a script: for each attempt asked for, fork a child that is shut in and tries it.

Reads one JSON object from its arguments and prints one: the attempt's name to what became of it.
`ok`, an errno's name, `killed SIGSYS`, `exited 0`, `stopped`, or the exception's type and text.
All targets are made here: a folder, and a victim process that waits and ignores SIGUSR1.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import gc
import importlib
import io
import json
import mmap
import os
import resource
import select
import signal
import socket
import sys
import tempfile
import termios
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

SIDE_EFFECTS = {
    "antigravity",
    "this",
    "__phello__",
    "__hello__",
    "idlelib",
    "test",
    "turtledemo",
    "_testcapi",
}

MARK = ctypes.create_string_buffer(b"the victim's")
"""What the victim's memory is read and written at."""


class Scene(NamedTuple):
    """What an attempt may aim at, all of it made by this script."""

    wire: int
    folder: Path
    victim: int
    warden: int
    grader: Path


class Attempt(NamedTuple):
    """What to try, what must become of it in full isolation, and what becomes of it without."""

    function: Callable[[Scene], Any]
    full: str
    control: str


ATTEMPTS: dict[str, Attempt] = {}


def attempt(full: str, control: str = "ok") -> Callable[[Callable[[Scene], Any]], None]:
    """Put a function on the list, under its own name."""

    def put(function: Callable[[Scene], Any]) -> None:
        ATTEMPTS[function.__name__] = Attempt(function, full, control)

    return put


def libc(name: str, *arguments: Any) -> int:
    answer = int(getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments))
    if answer == -1:
        raise OSError(ctypes.get_errno(), name)
    return answer


def raw(name: str, *arguments: int, plus: int = 0) -> int:
    from grader.guest.sandbox.syscalls import machine, number

    nr = number(name, machine() or "") or 0
    return libc("syscall", ctypes.c_long(nr + plus), *map(ctypes.c_long, arguments))


# -- other processes -------------------------------------------------------------------------------
@attempt("EPERM")
def fork(scene: Scene) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


@attempt("EPERM")
def clone_a_process(scene: Scene) -> None:
    if raw("clone", signal.SIGCHLD, 0, 0, 0, 0) == 0:
        os._exit(0)


@attempt("ENOSYS", control="EINVAL")
def clone3(scene: Scene) -> None:
    raw("clone3", 0, 0)


@attempt("EPERM")
def spawn(scene: Scene) -> None:
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


@attempt("EPERM", control="exited 0")
def execute(scene: Scene) -> None:
    os.execv("/bin/true", ["true"])


@attempt("EPERM")
def signal_a_victim(scene: Scene) -> None:
    os.kill(scene.victim, signal.SIGUSR1)


@attempt("EPERM")
def signal_the_warden(scene: Scene) -> None:
    os.kill(scene.warden, 0)


@attempt("EPERM")
def signal_a_victims_thread(scene: Scene) -> None:
    raw("tgkill", scene.victim, scene.victim, signal.SIGUSR1)


@attempt("EPERM")
def signal_through_a_pidfd(scene: Scene) -> None:
    signal.pidfd_send_signal(os.pidfd_open(scene.victim), signal.SIGUSR1)


@attempt("EPERM")
def signal_through_the_wire(scene: Scene) -> None:
    """F_SETOWN and F_SETSIG have the kernel send any signal when data arrives."""
    fcntl.fcntl(scene.wire, fcntl.F_SETOWN, scene.victim)


@attempt("EPERM", control="stopped")
def stop_oneself(scene: Scene) -> None:
    raw("tgkill", os.getpid(), threading.get_native_id(), signal.SIGSTOP)


@attempt("EPERM")
def raise_a_limit_of_a_victim(scene: Scene) -> None:
    resource.prlimit(scene.victim, resource.RLIMIT_NOFILE, (8, 8))


@attempt("EPERM")
def read_a_limit_of_a_victim(scene: Scene) -> None:
    resource.prlimit(scene.victim, resource.RLIMIT_NOFILE)


@attempt("EPERM")
def renice_oneself(scene: Scene) -> None:
    os.nice(1)


@attempt("EPERM")
def move_to_another_core(scene: Scene) -> None:
    os.sched_setaffinity(0, os.sched_getaffinity(0))


@attempt("EPERM")
def wait_for_anyone(scene: Scene) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


# -- hostile: ends the process ---------------------------------------------------------------------
@attempt("killed SIGSYS")
def trace_a_victim(scene: Scene) -> None:
    ptrace_seize = 0x4206
    raw("ptrace", ptrace_seize, scene.victim, 0, 0)


@attempt("killed SIGSYS")
def read_a_victims_memory(scene: Scene) -> None:
    _copy("process_vm_readv", scene.victim)


@attempt("killed SIGSYS")
def write_a_victims_memory(scene: Scene) -> None:
    _copy("process_vm_writev", scene.victim)


def _copy(name: str, victim: int) -> None:
    """The victim was forked from this script's own parent, so the mark lies at one address in both."""
    ours = ctypes.create_string_buffer(len(MARK))
    here, there = ((ctypes.c_size_t * 2)(ctypes.addressof(place), len(MARK)) for place in (ours, MARK))
    copied = raw(name, victim, ctypes.addressof(here), 1, ctypes.addressof(there), 1, 0)
    assert copied == len(MARK)


@attempt("killed SIGSYS")
def make_an_io_ring(scene: Scene) -> None:
    parameters = ctypes.create_string_buffer(120)
    raw("io_uring_setup", 1, ctypes.addressof(parameters))


@attempt("killed SIGSYS")
def handle_page_faults(scene: Scene) -> None:
    user_mode_only = 1
    os.close(raw("userfaultfd", user_mode_only))


@attempt("killed SIGSYS")
def unshare_nothing(scene: Scene) -> None:
    raw("unshare", 0)


@attempt("killed SIGSYS")
def use_keyrings(scene: Scene) -> None:
    get_keyring_id, of_process = 0, -2
    raw("keyctl", get_keyring_id, of_process, 1)


@attempt("killed SIGSYS", control="ENOSYS")
def call_in_x32_mode(scene: Scene) -> None:
    raw("getpid", plus=0x40000000)


@attempt("killed SIGSYS")
def call_in_32_bit_mode(scene: Scene) -> int:
    """mov eax, 20 (getpid there); int 0x80; ret"""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()


# -- the network and other channels ----------------------------------------------------------------
def _socket(family: int, kind: int = socket.SOCK_STREAM) -> None:
    socket.socket(family, kind).close()


@attempt("EPERM")
def open_a_tcp_socket(scene: Scene) -> None:
    _socket(socket.AF_INET)


@attempt("EPERM")
def open_a_udp_socket(scene: Scene) -> None:
    _socket(socket.AF_INET, socket.SOCK_DGRAM)


@attempt("EPERM")
def open_a_unix_socket(scene: Scene) -> None:
    _socket(socket.AF_UNIX)


@attempt("EPERM")
def open_a_netlink_socket(scene: Scene) -> None:
    _socket(socket.AF_NETLINK, socket.SOCK_RAW)


@attempt("EPERM")
def open_a_pair_of_sockets(scene: Scene) -> None:
    socket.socketpair()


@attempt("EPERM")
def listen_on_loopback(scene: Scene) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))


@attempt("EPERM")
def connect_to_loopback(scene: Scene) -> None:
    """The port is one that nobody listens on: refused means that the attempt got out."""
    with socket.socket() as client, contextlib.suppress(ConnectionRefusedError):
        client.connect(("127.0.0.1", 1))


@attempt("EPERM")
def pass_a_descriptor_over_the_wire(scene: Scene) -> None:
    socket.send_fds(socket.socket(fileno=os.dup(scene.wire)), [b"x"], [scene.wire])


@attempt("ENOTTY")
def stop_the_wire_from_blocking(scene: Scene) -> None:
    os.set_blocking(scene.wire, False)


@attempt("ENOTTY")
def control_a_device(scene: Scene) -> None:
    """As good as any other such call: pushing keys into a terminal is one."""
    fcntl.ioctl(scene.wire, termios.FIONREAD, b"1234")


@attempt("EPERM")
def make_a_pipe(scene: Scene) -> None:
    os.pipe()


@attempt("EPERM")
def make_shared_memory(scene: Scene) -> None:
    libc("shmctl", libc("shmget", 0, 4096, 0o600), 0, None)


@attempt("EPERM")
def make_a_file_in_memory(scene: Scene) -> None:
    os.memfd_create("x")


@attempt("EPERM")
def watch_files(scene: Scene) -> None:
    libc("inotify_init")


# -- sleeping for real, and timers -----------------------------------------------------------------
@attempt("EPERM")
def sleep_for_real(scene: Scene) -> None:
    time.sleep(0.001)


@attempt("EPERM")
def sleep_in_the_c_library(scene: Scene) -> None:
    libc("usleep", 1000)


@attempt("EPERM")
def sleep_in_select(scene: Scene) -> None:
    select.select([], [], [], 0.001)


@attempt("EPERM")
def sleep_in_poll(scene: Scene) -> None:
    select.poll().poll(1)


@attempt("EPERM")
def sleep_in_epoll(scene: Scene) -> None:
    select.epoll().poll(0.001)


@attempt("EPERM")
def sleep_until_a_signal(scene: Scene) -> None:
    with contextlib.suppress(BlockingIOError):
        signal.sigtimedwait([signal.SIGUSR2], 0.001)


@attempt("EPERM")
def set_a_timer(scene: Scene) -> None:
    signal.setitimer(signal.ITIMER_REAL, 60)


# -- changing files --------------------------------------------------------------------------------
@attempt("EPERM")
def write_a_new_file(scene: Scene) -> None:
    (scene.folder / "new").write_text("x")


@attempt("EPERM")
def write_an_open_folder(scene: Scene) -> None:
    Path("/dev/shm/kata-attempt").write_text("x")
    Path("/dev/shm/kata-attempt").unlink()


@attempt("EPERM")
def write_the_null_device(scene: Scene) -> None:
    Path(os.devnull).write_text("x")


@attempt("EPERM")
def append_to_a_file(scene: Scene) -> None:
    with (scene.folder / "secret").open("a") as file:
        file.write("x")


@attempt("EPERM")
def make_an_unnamed_file(scene: Scene) -> None:
    os.open(scene.folder, os.O_TMPFILE | os.O_RDWR)


@attempt("EPERM")
def make_a_temporary_file(scene: Scene) -> None:
    # tempfile answers FileNotFoundError (ENOENT) when no folder takes a file.
    tempfile.TemporaryFile().close()


@attempt("EPERM")
def truncate_a_file(scene: Scene) -> None:
    os.truncate(scene.folder / "spare", 0)


@attempt("EPERM")
def empty_a_file_by_opening_it(scene: Scene) -> None:
    os.open(scene.folder / "spare", os.O_RDONLY | os.O_TRUNC)


@attempt("EPERM")
def remove_a_file(scene: Scene) -> None:
    (scene.folder / "spare").unlink()


@attempt("EPERM")
def rename_a_file(scene: Scene) -> None:
    (scene.folder / "spare").rename(scene.folder / "renamed")


@attempt("EPERM")
def link_a_file(scene: Scene) -> None:
    (scene.folder / "linked").hardlink_to(scene.folder / "secret")


@attempt("EPERM")
def link_symbolically(scene: Scene) -> None:
    (scene.folder / "link").symlink_to("secret")


@attempt("EPERM")
def make_a_folder(scene: Scene) -> None:
    (scene.folder / "folder").mkdir()


@attempt("EPERM")
def make_a_fifo(scene: Scene) -> None:
    os.mkfifo(scene.folder / "fifo")


@attempt("EPERM")
def change_a_mode(scene: Scene) -> None:
    (scene.folder / "secret").chmod(0o777)


@attempt("EPERM")
def change_an_owner(scene: Scene) -> None:
    os.chown(scene.folder / "secret", -1, -1)


@attempt("EPERM")
def change_a_time(scene: Scene) -> None:
    os.utime(scene.folder / "secret")


@attempt("EPERM")
def set_an_attribute(scene: Scene) -> None:
    # Not every file system has them; that it was asked is what counts.
    try:
        os.setxattr(scene.folder / "secret", "user.x", b"x")
    except OSError as problem:
        if problem.errno != errno.ENOTSUP:
            raise


# -- reading ---------------------------------------------------------------------------------------
def _read(path: Path | str) -> None:
    with Path(path).open("rb") as file:
        file.read(1)


@attempt("EACCES")
def read_a_secret(scene: Scene) -> None:
    _read(scene.folder / "secret")


@attempt("EACCES")
def read_the_accounts(scene: Scene) -> None:
    _read("/etc/passwd")


@attempt("EACCES")
def read_the_project(scene: Scene) -> None:
    _read(scene.grader / "records.py")


@attempt("EACCES")
def read_a_suite(scene: Scene) -> None:
    _read(scene.grader / "suites" / "__init__.py")


@attempt("EACCES")
def read_an_installed_package(scene: Scene) -> None:
    import msgspec

    _read(msgspec.__file__)


@attempt("EACCES")
def list_the_root(scene: Scene) -> None:
    sorted(Path("/").iterdir())


@attempt("EACCES")
def list_a_folder(scene: Scene) -> None:
    sorted(scene.folder.iterdir())


@attempt("EACCES", control="ENXIO")
def open_the_terminal(scene: Scene) -> None:
    """There is one only where a test asks for it."""
    os.open("/dev/tty", os.O_RDONLY)


@attempt("EACCES")
def read_ones_own_proc(scene: Scene) -> None:
    _read("/proc/self/status")


@attempt("EACCES")
def read_the_wardens_environment(scene: Scene) -> None:
    _read(f"/proc/{scene.warden}/environ")


@attempt("EPERM")
def write_ones_own_memory_as_a_file(scene: Scene) -> None:
    with Path("/proc/self/mem").open("r+b"):
        pass


# -- getting back what was given up ----------------------------------------------------------------
@attempt("EPERM")
def become_dumpable(scene: Scene) -> None:
    pr_set_dumpable = 4
    libc("prctl", pr_set_dumpable, 1, 0, 0, 0)


@attempt("EPERM")
def outlive_the_parent(scene: Scene) -> None:
    pr_set_pdeathsig = 1
    libc("prctl", pr_set_pdeathsig, 0, 0, 0, 0)


@attempt("EPERM")
def raise_ones_own_limit(scene: Scene) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    except ValueError:  # how Python words EPERM here
        raise PermissionError(errno.EPERM, "setrlimit") from None


@attempt("EPERM")
def change_identity(scene: Scene) -> None:
    os.setuid(os.getuid())


@attempt("EPERM")
def change_personality(scene: Scene) -> None:
    libc("personality", ctypes.c_ulong(0xFFFFFFFF))


@attempt("EPERM")
def leave_the_folder(scene: Scene) -> None:
    os.chdir("/")


# -- what must go on working -----------------------------------------------------------------------
@attempt("ok")
def import_the_standard_library(scene: Scene) -> list[str]:
    """The names that cannot be imported."""
    failed = []
    for name in sorted(set(sys.stdlib_module_names) - SIDE_EFFECTS):
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                importlib.import_module(name)
        except Exception:
            failed.append(name)
    return failed


@attempt("ok")
def run_threads(scene: Scene) -> int:
    total: list[int] = []
    threads = [threading.Thread(target=total.append, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(total)


@attempt("ok")
def recurse_without_end(scene: Scene) -> str:
    def deeper() -> None:
        deeper()

    try:
        deeper()
    except RecursionError:
        return traceback.format_exc().splitlines()[-1].split(":")[0]
    return "no"


@attempt("ok")
def fill_the_memory(scene: Scene) -> str:
    """256 MB are allowed in these tests; the control stops at 320 MB."""
    held = []
    try:
        for _ in range(20):
            held.append(bytearray(16 << 20))
    except MemoryError:
        reached = len(held) * 16
        held.clear()
        gc.collect()
        return "MemoryError" if 64 <= reached < 256 else f"at {reached} MB"
    return "none"


@attempt("ok")
def use_ssl_and_friends(scene: Scene) -> list[str]:
    import asyncio
    import decimal
    import hashlib
    import random
    import ssl
    import zoneinfo

    return [
        type(ssl.create_default_context()).__name__,
        str(decimal.Decimal(1) / 4),
        hashlib.sha256(b"").hexdigest()[:8],
        str(len(os.urandom(8)) + len(random.SystemRandom().randbytes(8))),
        zoneinfo.ZoneInfo("UTC").key,
        asyncio.Queue.__name__,
    ]


@attempt("ok")
def call_back_from_c(scene: Scene) -> int:
    return int(ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda n: n + 1)(41))


@attempt("ok")
def raise_a_signal_in_oneself(scene: Scene) -> int:
    seen: list[int] = []
    signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
    signal.raise_signal(signal.SIGUSR1)
    return len(seen)


@attempt("ok")
def print_to_nowhere(scene: Scene) -> int:
    return os.write(1, b"x") + os.write(2, b"x") + len(os.read(0, 1))


@attempt("ok")
def open_descriptors(scene: Scene) -> list[int]:
    """Those that are open, the wire counted as 3."""
    found = []
    for descriptor in range(1024):
        with contextlib.suppress(OSError):
            os.fstat(descriptor)
            found.append(3 if descriptor == scene.wire else descriptor)
    return found


@attempt("ok")
def read_ones_limits(scene: Scene) -> dict[str, list[int]]:
    names = ("AS", "CPU", "FSIZE", "CORE", "NOFILE", "NPROC")
    return {name: list(resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))) for name in names}


@attempt("ok")
def start_threads_without_end(scene: Scene) -> int:
    """How many start, 300 at most."""
    threading.stack_size(64 << 10)
    gate = threading.Lock()
    gate.acquire()
    started = 0
    with contextlib.suppress(RuntimeError):
        for _ in range(300):
            threading.Thread(target=gate.acquire, daemon=True).start()
            started += 1
    return started


@attempt("ok")
def allocate_beside_busy_threads(scene: Scene) -> int:
    """Eight threads with a heap of their own each would leave no room for this."""
    threading.stack_size(256 << 10)
    gate, ready = threading.Lock(), threading.Barrier(9)
    gate.acquire()

    def hold() -> None:
        held = [bytes(4096) for _ in range(10)]
        ready.wait()
        with gate:
            held.clear()

    for _ in range(8):
        threading.Thread(target=hold, daemon=True).start()
    ready.wait()
    return len(bytearray(128 << 20)) >> 20


@attempt("ok")
def where_one_is(scene: Scene) -> list[Any]:
    """Whether one is in the warden's session, and the working folder."""
    return [os.getsid(0) == os.getsid(scene.warden), str(Path.cwd())]


@attempt("ok")
def linger(scene: Scene) -> None:
    """Stay until the warden has looked at this process from outside."""
    os.write(scene.wire, b"x")
    os.read(scene.wire, 1)


# -- the warden ------------------------------------------------------------------------------------
def main() -> None:
    """Try what the arguments ask for and print what became of it."""
    signal.alarm(60)
    asked = json.loads(sys.argv[1])
    sys.path[:0] = asked["paths"]
    if asked.get("terminal"):
        _get_a_terminal()
    with contextlib.suppress(PermissionError):
        os.setgroups([4, 24])  # something for a guest of root to give up
    sandbox, policy = _sandbox(asked)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "secret").write_text("secret")
        victim, release = _victim()
        grader = Path(asked["paths"][0]) / "grader"
        results = {}
        for name in asked["attempts"]:
            (folder / "spare").write_text("spare")
            scene = Scene(-1, folder, victim, os.getpid(), grader)
            results[name] = _try(name, scene, lambda wire: sandbox.enter(policy, wire))
        unhurt = os.waitpid(victim, os.WNOHANG) == (0, 0)
        os.close(release)
    sys.stdout.write(json.dumps({"attempts": results, "victim unhurt": unhurt}))


def _get_a_terminal() -> None:
    """This script leads a session without one; the tests start it so."""
    _, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


def _sandbox(asked: dict[str, Any]) -> tuple[Any, Any]:
    from grader.guest import sandbox
    from grader.guest.sandbox import landlock, seccomp
    from grader.records import Limits

    if "seccomp" in asked["without"]:
        seccomp.install = lambda: "seccomp: left out by the test"
    if "landlock" in asked["without"]:
        landlock.call = _refuse
    if "abi" in asked:
        landlock.abi = lambda: asked["abi"]
    if asked.get("lying"):
        for layer in (landlock, seccomp):
            layer.call = _agree_and_do_nothing(layer.call)
    limits = Limits(memory_mb=256, cpu_s=1.5, threads=8)
    policy = sandbox.SandboxPolicy(
        level=asked["level"], limits=limits, readable=tuple(asked.get("readable", ()))
    )
    if asked.get("prepared", True):
        sandbox.prepare(policy)
    return sandbox, policy


def _refuse(name: str, *arguments: int) -> int:
    raise OSError(errno.ENOSYS, "Function not implemented")


def _agree_and_do_nothing(call: Callable[..., int]) -> Callable[..., int]:
    lies = ("seccomp", "landlock_restrict_self")
    return lambda name, *arguments: 0 if name in lies else call(name, *arguments)


def _victim() -> tuple[int, int]:
    waits, release = os.pipe()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        os.close(release)
        os.read(waits, 1)
        os._exit(0)
    os.close(waits)
    return pid, release


def _try(name: str, scene: Scene, enter: Callable[[int], Any]) -> dict[str, Any]:
    ours, wire = socket.socketpair()
    leaked = os.open("/", os.O_RDONLY)  # an inheritable thing that must not be inherited
    pid = os.fork()
    if pid == 0:
        _inside(name, scene._replace(wire=wire.fileno()), enter)
    wire.close()
    os.close(leaked)
    seen = None
    if name == "linger":
        ours.recv(1)
        seen = _look_at(pid)
        ours.send(b"x")
    _, status = os.waitpid(pid, os.WUNTRACED)
    if os.WIFSTOPPED(status):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return {"outcome": "stopped"}
    said = b"".join(iter(lambda: ours.recv(1 << 16), b"")).lstrip(b"x")
    ours.close()
    if os.WIFSIGNALED(status):
        return {"outcome": f"killed {signal.Signals(os.WTERMSIG(status)).name}"}
    result = json.loads(said) if said else {"outcome": f"exited {os.WEXITSTATUS(status)}"}
    return result if seen is None else {**result, "value": seen}


def _inside(name: str, scene: Scene, enter: Callable[[int], Any]) -> None:
    try:
        reached = enter(scene.wire)
        result = _outcome(name, scene)
        result |= {"isolation": reached.isolation.value, "missing": list(reached.missing)}
        os.write(scene.wire, json.dumps(result).encode())
    except BaseException as problem:
        os.write(scene.wire, json.dumps({"outcome": f"enter: {problem!r}"}).encode())
    finally:
        os._exit(0)


def _outcome(name: str, scene: Scene) -> dict[str, Any]:
    try:
        return {"outcome": "ok", "value": ATTEMPTS[name].function(scene)}
    except OSError as problem:
        return {"outcome": errno.errorcode.get(problem.errno or 0, repr(problem))}
    except BaseException as problem:
        return {"outcome": f"{type(problem).__name__}: {problem}"}


def _look_at(pid: int) -> dict[str, str]:
    """What the kernel says of a process that has been shut in."""
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    keys = ("Uid", "Gid", "Groups", "CapEff", "CapPrm", "NoNewPrivs", "Seccomp")
    owner = Path(f"/proc/{pid}/environ").stat().st_uid
    return {key: fields[key].strip() for key in keys} | {"owner": str(owner)}


if __name__ == "__main__":
    main()
