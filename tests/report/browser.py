"""A headless Chromium, spoken to through two pipes: no port, no driver, no package between."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

_PATIENCE_S = 100
_LAUNCH = """
import os, sys
reads, writes, *command = sys.argv[1:]
os.dup2(int(reads), 3)
os.dup2(int(writes), 4)
os.execv(command[0], command)
"""


class Browser:
    """One Chromium with one page in it."""

    def __init__(self, program: str, profile: Path) -> None:
        ours, theirs = _pipe(), _pipe()
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
            "about:blank",
        ]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, str(ours[0]), str(theirs[1]), program, *options],
            pass_fds=(ours[0], theirs[1]),
            stderr=subprocess.DEVNULL,
        )
        os.close(ours[0])
        os.close(theirs[1])
        self._write, self._read = ours[1], theirs[0]
        self._unread = b""
        self._asked = 0
        self.complaints: list[str] = []
        """What the page shown now was refused, or tripped over."""
        self._session = ""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Runtime"):
            self._ask(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session = ""
        try:
            self._send("Browser.close")
            self.process.wait(_PATIENCE_S)
        finally:
            self.process.kill()
            self.process.wait()
            os.close(self._write)
            os.close(self._read)

    def show(self, page: Path, *, width: int = 1280, scheme: str = "light") -> None:
        """Loads a file as a window of this width and a reader of this colour scheme see it."""
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
        )
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self._ask("Emulation.setEmulatedMedia", features=[feature])
        self.complaints.clear()
        self._ask("Page.navigate", url=page.as_uri())
        while self.told_by("document.readyState") != "complete":
            time.sleep(0.01)

    def told_by(self, script: str) -> Any:
        """The value of an expression in the page; a promise's, once it is kept."""
        answer = self._ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self) -> bytes:
        """The whole page as PNG."""
        return base64.b64decode(self._ask("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def _ask(self, method: str, **parameters: object) -> Any:
        self._send(method, **parameters)
        while (told := self._told()).get("id") != self._asked:
            if told["method"] in ("Log.entryAdded", "Runtime.exceptionThrown"):
                self.complaints.append(json.dumps(told["params"]))
        assert "error" not in told, (method, told)
        return told["result"]

    def _send(self, method: str, **parameters: object) -> None:
        self._asked += 1
        asked = {"id": self._asked, "method": method, "params": parameters}
        if self._session:
            asked["sessionId"] = self._session
        unsent = json.dumps(asked).encode() + b"\0"
        while unsent:
            unsent = unsent[os.write(self._write, unsent) :]

    def _told(self) -> Any:
        while b"\0" not in self._unread:
            assert select.select([self._read], [], [], _PATIENCE_S)[0], "Chromium says nothing."
            more = os.read(self._read, 1 << 20)
            assert more, "Chromium has ended."
            self._unread += more
        message, _, self._unread = self._unread.partition(b"\0")
        return json.loads(message)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are out of the way of 3 and 4, which Chromium wants."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]
