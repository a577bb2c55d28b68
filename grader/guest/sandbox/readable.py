"""What a guest may read: enough for any late import of the standard library and declared packages.

The project itself, wherever it is installed, is carved out, and so is every `site-packages`: it may
lie inside the standard library's folder and hold the suites. A guest has all it needs of `grader`
in memory before it is shut in.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import grader

_SITES = ("site-packages", "dist-packages")

_LIBRARY_FOLDERS = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")

_SYSTEM_FILES = (
    # where the loader finds shared libraries
    "/etc/ld.so.cache",
    # devices without side effects; reading is all that is granted
    "/dev/null /dev/zero /dev/urandom",
    # time zones and locales
    "/etc/localtime /usr/share/zoneinfo /usr/lib/zoneinfo /usr/share/lib/zoneinfo /etc/zoneinfo",
    "/usr/lib/locale",
    # `import ssl`, and contexts that know the usual authorities
    "/etc/ssl/openssl.cnf /etc/ssl/certs /etc/ssl/cert.pem /usr/lib/ssl/openssl.cnf /usr/lib/ssl/cert.pem",
    "/usr/share/ca-certificates /etc/pki/tls/openssl.cnf /etc/pki/tls/cert.pem /etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted /etc/crypto-policies /usr/share/crypto-policies",
    # modules that look for these and take their presence for permission: mimetypes, platform
    "/etc/mime.types /etc/httpd/mime.types /etc/httpd/conf/mime.types /etc/apache/mime.types",
    "/etc/apache2/mime.types /usr/local/etc/mime.types /etc/os-release /usr/lib/os-release",
)


class Grant(NamedTuple):
    """A path that a guest may read, with all below it."""

    path: Path
    names_only: bool = False
    """List folders but open no file."""


def grants(declared: Iterable[str]) -> list[Grant]:
    """Everything that a guest may read; `declared` are absolute paths of a kata's packages."""
    packages = [Path(path) for path in declared]
    library = standard_library()
    own = own_folders()
    sites = [folder / site for folder in library for site in _SITES]
    paths: dict[Path, None] = {}
    for root in (*library, Path(sys.executable), *_system_files(), *_shared_libraries()):
        paths |= dict.fromkeys(carve(root, (*own, *sites)))
    for root in packages:
        paths |= dict.fromkeys(carve(root, own))
    return [*map(Grant, paths), *_listings(library, packages)]


def carve(root: Path, hidden: Iterable[Path]) -> Iterator[Path]:
    """The largest paths at and below `root` that hold none of the `hidden` ones; links followed."""
    root, hidden = root.resolve(), [path.resolve() for path in hidden]
    if not any(root.is_relative_to(path) for path in hidden):
        yield from _carve(root, hidden)


def _carve(root: Path, hidden: list[Path]) -> Iterator[Path]:
    inside = [path for path in hidden if path.is_relative_to(root)]
    if not inside:
        yield root
        return
    for child in sorted(root.iterdir()):
        if child.is_symlink():
            # One that leads to something hidden is passed over: it might lead back here, without end.
            target = child.resolve()
            if not any(target.is_relative_to(path) or path.is_relative_to(target) for path in hidden):
                yield target
        elif child not in inside:
            yield from _carve(child, hidden)


def _listings(library: Iterable[Path], packages: Iterable[Path]) -> list[Grant]:
    """Imports list the folder a module lies in; the names there are no secret, for katas are public."""
    sites = (path.parent for path in packages if path.parent.name in _SITES)
    return [Grant(folder, names_only=True) for folder in dict.fromkeys((*library, *sites))]


def standard_library() -> list[Path]:
    """The library's folder and, where they lie elsewhere, its extension modules and its archive."""
    home = Path(os.__file__).resolve().parent
    listed = [Path(entry) for entry in sys.path if entry.startswith(sys.base_prefix)]
    more = [path for path in listed if path.name == "lib-dynload" or path.suffix == ".zip"]
    return [home, *(path for path in more if path.exists() and not path.resolve().is_relative_to(home))]


def own_folders() -> list[Path]:
    """This project's folders, in a checkout or beside other packages."""
    above = Path(grader.__file__).resolve().parent.parent
    return [above / name for name in ("grader", "katas", "solutions")]


def _system_files() -> list[Path]:
    paths = [Path(path) for line in _SYSTEM_FILES for path in line.split()]
    return [path for path in paths if path.exists()]


def _shared_libraries() -> Iterator[Path]:
    """What extension modules are linked with: libssl, libffi and their like, and nothing else there."""
    multiarch = getattr(sys.implementation, "_multiarch", "none")
    folders = (*map(Path, _LIBRARY_FOLDERS), Path(sys.base_prefix) / "lib")
    for folder in dict.fromkeys(path.resolve() for path in folders if path.is_dir()):
        yield from (path for path in (folder / multiarch,) if path.is_dir())
        yield from (path for path in sorted(folder.iterdir()) if ".so" in path.suffixes)
