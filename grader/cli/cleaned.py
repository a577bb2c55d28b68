"""What others print through us, without the escapes that could move a terminal's cursor or change its title.

pytest shows texts of learners' (messages of errors, values, what was printed) as they are.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TextIO

from grader.report.look import clean


class CleanedStream(io.TextIOBase):
    """A stream in front of another, which gets text without escapes. It is no terminal: nobody adds any."""

    def __init__(self, inner: TextIO) -> None:
        self._inner = inner

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a plain attribute in typeshed
        return self._inner.encoding

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._inner.write(clean(text))
        return len(text)

    def flush(self) -> None:
        self._inner.flush()


@contextmanager
def cleaned_output(stdout: TextIO, stderr: TextIO) -> Iterator[None]:
    """Whatever is printed meanwhile is cleaned first."""
    with redirect_stdout(CleanedStream(stdout)), redirect_stderr(CleanedStream(stderr)):
        yield
