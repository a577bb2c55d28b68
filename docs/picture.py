"""Draw docs/check.svg: what `kata check 4` really says of an answer that awaits in a loop.

Run as `python docs/picture.py`. The picture names no font and makes no request.
"""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path

import pexpect
from rich.console import Console
from rich.text import Text

HERE = Path(__file__).parent
ANSWER = "solutions/04_gather_readings/rejected/awaited_in_a_loop.py"
COLUMNS = 88


def picture() -> str:
    """The SVG of one real run, in a real terminal."""
    environment = {**os.environ, "TERM": "xterm-256color"}
    command = f"{sys.executable} -m grader check 4 --file {ANSWER}"
    said = pexpect.run(command, cwd=HERE.parent, env=environment, dimensions=(60, COLUMNS), timeout=60)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ kata check 4", style="bold"))
    console.print(Text.from_ansi(said.decode().replace("\r\n", "\n")))
    drawn = console.export_svg(title="kata check 4", unique_id="check")
    drawn = re.sub(r"@font-face\s*\{.*?\}", "", drawn, flags=re.S)
    drawn = re.sub(r"<!-- Generated.*?-->\n?", "", drawn)
    return drawn.replace("Fira Code", "monospace")


if __name__ == "__main__":
    (HERE / "check.svg").write_text(picture(), encoding="utf-8")
