"""What the learner's code prints, on its way to the judge."""

from __future__ import annotations

import io

from grader import wire
from grader.guest.link import Link

LINE_BYTES = 8_192


class Output(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of a guest. Past the limit it swallows: the judge has been told."""

    def __init__(self, link: Link, stream: str, limit: int) -> None:
        self._link = link
        self._stream = stream
        self._left = limit + 1
        self._line = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]  # TextIOBase declares a plain attribute
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]  # TextIOBase declares a plain attribute
        return "replace"

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        kept = text[: self._left]
        self._left -= len(kept)
        self._line += kept
        if "\n" in self._line or len(self._line) > LINE_BYTES or not self._left:
            self.flush()
        return len(text)

    def flush(self) -> None:
        if self._line:
            # Lone surrogates cannot be encoded: show them as the escapes that they are.
            text = self._line.encode("utf-8", "backslashreplace").decode()
            self._link.act(wire.Printed(self._stream, text))
            self._line = ""
