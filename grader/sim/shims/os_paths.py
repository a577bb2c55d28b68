"""`open`, `os.stat`, `os.listdir` and their kin on the simulated files of a machine.

`pathlib`, `os.path` and `shutil` are built on these and need no change. A path that is not in the
machine's tree, and a real descriptor, pass to the real functions.
"""

from __future__ import annotations

import builtins
import errno
import glob
import io
import os as _real
import posixpath
from collections.abc import Callable, Iterator
from typing import Any

from grader.errors import NotSimulated
from grader.sim import world
from grader.sim.disk.files import FileEntry, FileTree
from grader.sim.host_ports import Open
from grader.sim.pipes import NullDevice, failure
from grader.sim.refusals import refusals
from grader.sim.shims import io as io_shim
from grader.sim.shims import os_descriptors

# Taken before anything is patched: what paths of the real machine are passed on to.
_STOCK = {
    name: getattr(_real, name)
    for name in (
        "access",
        "chdir",
        "getcwd",
        "listdir",
        "lstat",
        "mkdir",
        "open",
        "remove",
        "rename",
        "replace",
        "rmdir",
        "scandir",
        "stat",
        "truncate",
        "unlink",
        "utime",
    )
}
_stock_open = io.open


def _located(path: Any, options: dict[str, Any] | None = None) -> tuple[FileTree, str] | None:
    """The tree and the place in it that a path means, None for the real machine's."""
    machine = world.current_or_none()
    if machine is None or isinstance(path, int) or not isinstance(path, (str, bytes, _real.PathLike)):
        return None
    if options and any(options.get(name) is not None for name in ("dir_fd", "src_dir_fd", "dst_dir_fd")):
        return None
    place = machine.files.place(path)
    return None if place is None else (machine.files, place)


def _is_null(path: Any) -> bool:
    return isinstance(path, str) and path == _real.devnull and world.current_or_none() is not None


# -- opening ---------------------------------------------------------------------------------------
def open_file(
    file: Any,
    mode: str = "r",
    buffering: int = -1,
    encoding: str | None = None,
    errors: str | None = None,
    newline: str | None = None,
    closefd: bool = True,
    opener: Any = None,
) -> Any:
    """As the built-in `open`."""
    rest = (mode, buffering, encoding, errors, newline)
    if os_descriptors.is_simulated(file):
        return io_shim.open_descriptor(file, *rest, closefd)
    located = _located(file)
    if opener is not None or (located is None and not _is_null(file)):
        return _stock_open(file, *rest, closefd, opener)
    io_shim.check_mode(*rest)
    if located is None:
        fd = _open_null()
    else:
        flags, append = _flags_of(mode)
        # As `open` has it: one opened to append stands at the end, one opened by `os.open` does not.
        fd = _open(file, located, flags, append=append, at_end=append)
    return io_shim.open_descriptor(fd, *rest, name=file)


def _flags_of(mode: str) -> tuple[Open, bool]:
    """The flags of a mode, and whether it appends."""
    flags = {
        "r": Open.READ,
        "w": Open.WRITE | Open.CREATE | Open.TRUNCATE,
        "x": Open.WRITE | Open.CREATE | Open.EXCLUSIVE,
        "a": Open.WRITE | Open.CREATE,
    }[next(letter for letter in mode if letter in "rwxa")]
    return (flags | Open.READ | Open.WRITE if "+" in mode else flags), "a" in mode


def _open(name: Any, located: tuple[FileTree, str], flags: Open, **how: bool) -> int:
    tree, place = located
    return os_descriptors.add(world.current(), tree.open(name, place, flags, **how))


def _open_null() -> int:
    machine = world.current()
    return machine.descriptors.add(NullDevice(machine.kernel))  # of no line: left open, it is no harm


def open_(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
    """As `os.open`."""
    if _is_null(path):
        return _open_null()
    located = _located(path, {"dir_fd": dir_fd})
    if located is None:
        return int(_STOCK["open"](path, flags, mode, dir_fd=dir_fd))
    access = flags & (_real.O_WRONLY | _real.O_RDWR)
    wanted = {0: Open.READ, _real.O_WRONLY: Open.WRITE}.get(access, Open.READ | Open.WRITE)
    for bit, flag in (
        (_real.O_CREAT, Open.CREATE),
        (_real.O_EXCL, Open.EXCLUSIVE),
        (_real.O_TRUNC, Open.TRUNCATE),
    ):
        wanted |= flag if flags & bit else Open(0)
    return _open(path, located, wanted, append=bool(flags & _real.O_APPEND))


# -- looking ---------------------------------------------------------------------------------------
def _entry(what: str, path: Any, located: tuple[FileTree, str]) -> FileEntry:
    tree, place = located
    return tree.entry(what, name=path, path=place)


def stat(path: Any, **options: Any) -> _real.stat_result:
    if os_descriptors.is_simulated(path):
        return os_descriptors.fstat(path)
    located = _located(path, options)
    if located is None:
        return _STOCK["stat"](path, **options)  # type: ignore[no-any-return]  # the real function's own result
    return _entry("os.stat", path, located).status()


def lstat(path: Any, **options: Any) -> _real.stat_result:
    """As `os.lstat`; the simulated tree has no links."""
    if _located(path, options) is None:
        return _STOCK["lstat"](path, **options)  # type: ignore[no-any-return]  # the real function's own result
    return stat(path, **options)


def access(path: Any, mode: int, **options: Any) -> bool:
    located = _located(path, options)
    if located is None:
        return bool(_STOCK["access"](path, mode, **options))
    try:
        _entry("os.access", path, located)
    except OSError:
        return False
    return True


def _names(path: Any, located: tuple[FileTree, str], what: str) -> list[tuple[str, bool]]:
    """(name, whether it is a folder) of all that is in a folder, in the disk's order."""
    tree, place = located
    listed = tree.request(what, "list", name=path, path=place).data
    names = [_real.fsdecode(name) for name in listed.split(b"\0") if name]
    return [(name.removesuffix("/"), name.endswith("/")) for name in names]


def listdir(path: Any = ".") -> list[Any]:
    located = _located("." if path is None else path)
    if located is None:
        return list(_STOCK["listdir"](path))
    names = [name for name, _ in _names(path, located, "os.listdir")]
    return [_real.fsencode(name) for name in names] if isinstance(path, bytes) else names


class SimDirEntry:
    """As `os.DirEntry`."""

    def __init__(self, folder: Any, name: str, is_folder: bool) -> None:
        self.name = name
        self.path = posixpath.join(_real.fsdecode(folder), name)
        self._is_folder = is_folder

    def __fspath__(self) -> str:
        return self.path

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return self._is_folder

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return not self._is_folder

    def is_symlink(self) -> bool:
        return False

    def is_junction(self) -> bool:
        return False

    def stat(self, *, follow_symlinks: bool = True) -> _real.stat_result:
        return stat(self.path)

    def inode(self) -> int:
        return stat(self.path).st_ino

    def __repr__(self) -> str:
        return f"<DirEntry {self.name!r}>"


class _Scan:
    """What `os.scandir` returns: an iterator and a context manager."""

    def __init__(self, entries: list[SimDirEntry]) -> None:
        self._entries = iter(entries)

    def __iter__(self) -> Iterator[SimDirEntry]:
        return self

    def __next__(self) -> SimDirEntry:
        return next(self._entries)

    def __enter__(self) -> _Scan:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self._entries = iter(())


def scandir(path: Any = ".") -> Any:
    located = _located("." if path is None else path)
    if located is None:
        return _STOCK["scandir"](path)
    return _Scan(
        [SimDirEntry(path, name, is_folder) for name, is_folder in _names(path, located, "os.scandir")]
    )


# -- changing --------------------------------------------------------------------------------------
def _changing(operation: str) -> Callable[..., None]:
    """As `os.mkdir`, `os.rmdir` and the like: functions of one path that return nothing."""
    disks_name = "unlink" if operation == "remove" else operation

    def change(path: Any, *args: Any, **options: Any) -> None:
        located = _located(path, options)
        if located is None:
            _STOCK[operation](path, *args, **options)
            return
        tree, place = located
        tree.request(f"os.{operation}", disks_name, name=path, path=place)

    change.__name__ = change.__qualname__ = operation
    return change


def _renaming(function: str) -> Callable[..., None]:
    def rename(src: Any, dst: Any, **options: Any) -> None:
        located, target = _located(src, options), _located(dst, options)
        if (located is None) != (target is None):
            raise failure(errno.EXDEV)
        if located is None or target is None:
            _STOCK[function](src, dst, **options)
            return
        tree, place = located
        tree.request(f"os.{function}", "rename", name=src, path=place, data=_real.fsencode(target[1]))

    rename.__name__ = rename.__qualname__ = function
    return rename


def truncate(path: Any, length: int) -> None:
    if _located(path) is None:
        _STOCK["truncate"](path, length)
        return
    with open_file(path, "r+b", 0) as file:
        file.truncate(length)


def utime(path: Any, *args: Any, **options: Any) -> None:
    """As `os.utime`; the simulated tree keeps its own times, so there it only looks."""
    if _located(path, options) is None:
        _STOCK["utime"](path, *args, **options)
    else:
        stat(path)


# -- the working directory -------------------------------------------------------------------------
def getcwd() -> str:
    machine = world.current_or_none()
    folder = None if machine is None else machine.files.folder
    return str(_STOCK["getcwd"]()) if folder is None else folder


def chdir(path: Any) -> None:
    located = _located(path)
    if located is None:
        machine = world.current_or_none()
        if machine is not None and machine.files.folder is not None:
            raise NotSimulated("os.chdir out of the simulated files")
        _STOCK["chdir"](path)
        return
    if not _entry("os.chdir", path, located).is_folder:
        raise failure(errno.ENOTDIR)
    located[0].folder = located[1]


def patches() -> list[tuple[Any, str, Any]]:
    """What of the built-ins, `io` and `os` a simulated process replaces for its files."""
    ours = (access, chdir, getcwd, listdir, lstat, scandir, stat, truncate, utime)
    changing = [(_real, name, _changing(name)) for name in ("mkdir", "remove", "rmdir", "unlink")]
    renaming = [(_real, name, _renaming(name)) for name in ("rename", "replace")]
    opening = [(builtins, "open", open_file), (io, "open", open_file), (_real, "open", open_)]
    replaced = [*((_real, one.__name__, one) for one in ours), *changing, *renaming, *opening]
    return [*replaced, *refusals(_real, ("statx",)), *_glob_patches()]


def _glob_patches() -> list[tuple[Any, str, Any]]:
    """CPython 3.13 keeps the `os.scandir` of its import in a class of `glob`; later ones look it up."""
    kind: Any = getattr(glob, "_StringGlobber", None)
    keeps = getattr(kind, "scandir", None) is _STOCK["scandir"]
    return [(kind, "scandir", staticmethod(scandir))] if keeps else []
