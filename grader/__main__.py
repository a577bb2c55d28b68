"""`python -m grader` and the `kata` script."""

from __future__ import annotations

import sys
from io import TextIOWrapper


def main() -> None:
    """Run the command line; leaves by SystemExit."""
    from grader.cli import cli

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a sign that a terminal cannot show ends no command
    cli(prog_name="kata")


if __name__ == "__main__":
    main()
