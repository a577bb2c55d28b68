"""The buffers of simulated files: the standard library's, in Python (`_pyio`).

The ones in C hold a real lock while their raw file waits, and a second thread of the simulation
that met that lock would stop them all.
"""

from __future__ import annotations

import _pyio  # type: ignore[import-not-found]  # typeshed leaves it out
import io
from typing import Any

from grader.sim.shims.threading import SimLock


class _BufferedRandom(_pyio.BufferedRandom):  # type: ignore[misc]  # a base without types
    def truncate(self, pos: int | None = None) -> int:
        # As the one in C: what was read ahead is no longer what is there.
        self.seek(self.tell())
        return super().truncate(pos)  # type: ignore[no-any-return]  # a base without types


def buffered_on(raw: io.RawIOBase, size: int) -> Any:
    """The buffer that `open` puts over a raw file: reading, writing, or both."""
    buffered: Any
    if raw.readable() and raw.writable():
        buffered = _BufferedRandom(raw, size) if raw.seekable() else _pyio.BufferedRWPair(raw, raw, size)
    else:
        kind = _pyio.BufferedWriter if raw.writable() else _pyio.BufferedReader
        buffered = kind(raw, size)
    for lock in ("_read_lock", "_write_lock"):
        if hasattr(buffered, lock):
            setattr(buffered, lock, SimLock())
    return buffered
