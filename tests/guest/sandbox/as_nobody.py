"""Run as a script by root: become an ordinary user, then run another script with the same Python.

The interpreter may lie below /root, where an ordinary user cannot go; it is then bound to a folder
that everybody can enter, in a mount namespace of this process's own. Exits with 75 where the
machine does not allow it, as where root has a user namespace with one id: an ordinary user already.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

CANNOT = 75
NOBODY = 65_534
_NEW_MOUNTS, _BIND, _PRIVATE = 0x00020000, 4096, (1 << 18) | 16384


def main() -> None:
    place, script, *arguments = sys.argv[1:]
    home = Path(sys.base_prefix).resolve()
    if not all(above.stat().st_mode & 1 for above in (home, *home.parents)):
        home = _bound(home, place)
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:
        sys.exit(CANNOT)
    python = str(home / "bin" / Path(sys.executable).resolve().name)
    environment = {"LD_LIBRARY_PATH": f"{home}/lib", "PATH": "/usr/bin:/bin"}
    os.execve(python, [python, "-I", script, *arguments], environment)


def _bound(home: Path, place: str) -> Path:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_MOUNTS) or libc.mount(None, b"/", None, _PRIVATE, None):
        sys.exit(CANNOT)
    if libc.mount(str(home).encode(), place.encode(), None, _BIND, None):
        sys.exit(CANNOT)
    return Path(place)


if __name__ == "__main__":
    main()
