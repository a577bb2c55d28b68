"""What the learner's code prints, on its way to the judge: streams as a script has them."""

from __future__ import annotations

import codecs
import contextlib
import io
import sys
from typing import Any

from grader import wire
from grader.guest.link import Link

BUFFER_BYTES = 8_192


class OutputStream(io.RawIOBase):
    """What lies below `sys.stdout` or `sys.stderr`. Past the limit it swallows: the judge has been told."""

    def __init__(self, link: Link, stream: str, limit: int) -> None:
        self._link = link
        self._stream = stream
        self._left = limit + 1
        # What is no text in UTF-8 is shown as the escapes that it is.
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self.name = f"<{stream}>"
        self.mode = "wb"

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1 if self._stream == "stdout" else 2

    def isatty(self) -> bool:
        return False

    def write(self, data: Any, /) -> int:
        size = memoryview(data).nbytes
        kept = bytes(memoryview(data).cast("B")[: self._left])
        self._left -= len(kept)
        text = self._decoder.decode(kept)
        if text:
            self._link.act(wire.Printed(self._stream, text))
        return size


class Streams:
    """`sys.stdout` and `sys.stderr` of a guest."""

    def __init__(self, link: Link, limit: int) -> None:
        out, err = (OutputStream(link, name, limit) for name in ("stdout", "stderr"))
        self._buffers = io.BufferedWriter(out, BUFFER_BYTES), io.BufferedWriter(err, BUFFER_BYTES)
        self._texts = _text(self._buffers[0], "strict"), _text(self._buffers[1], "backslashreplace")

    def put_in_place(self) -> None:
        """Have the learner's code find them where a script does."""
        sys.stdout, sys.stderr = self._texts
        sys.__stdout__, sys.__stderr__ = self._texts  # type: ignore[misc]  # final to typeshed

    def flush(self) -> None:
        """Have the judge told of all that has been printed, also through streams of the learner's own making.

        Which may be closed or detached: what cannot be flushed holds nothing.
        """
        for stream in (sys.stdout, sys.stderr, *self._buffers):
            if type(stream) in (io.TextIOWrapper, io.BufferedWriter):
                with contextlib.suppress(Exception):
                    stream.flush()


def _text(buffer: io.BufferedWriter[OutputStream], errors: str) -> io.TextIOWrapper:
    """As Python makes one for a script, but each line is said at once: it is then known if a process dies."""
    stream: Any = io.TextIOWrapper(buffer, encoding="utf-8", errors=errors, line_buffering=True)
    stream.mode = "w"
    return stream  # type: ignore[no-any-return]  # what has had attributes added is any
