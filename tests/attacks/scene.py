"""Where attacks are judged: what they could reach, and what of it has changed afterwards."""

from __future__ import annotations

import ctypes
import os
import socket
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from grader.catalog import load_catalog
from grader.judge import Judge, Options
from grader.records import Judgement, Kata, Limits, Submission
from tests.attacks.attack import Attack

SOLUTIONS = Path(__file__).parents[2] / "solutions" / "04_gather_readings"
HONEST = Submission(source=(SOLUTIONS / "accepted" / "gather.py").read_bytes(), filename="solution.py")
SHORT = Limits(cpu_s=1.0, wall_s=8.0, memory_mb=256, messages=20_000, steps_per_instant=2_000)
KATA = load_catalog().find("4")
HURRIED = msgspec.structs.replace(KATA, limits=SHORT)
ONE_CHECK = msgspec.structs.replace(KATA, suite=Path(__file__).parent / "one_check.py")
HURRIED_ONCE = msgspec.structs.replace(ONE_CHECK, limits=SHORT)
SEED = 7_301_546_092
"""As a class has it: drawn, and unknown to whoever hands in."""
_PR_SET_CHILD_SUBREAPER = 36


def keep_orphans() -> None:
    """From now on, what descends from this process and loses its parent becomes a child of this process."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(pid: int) -> dict[int, str]:
    """All processes below that one, by id, with what they are called and how they do."""
    parents, said = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                name, _, fields = (folder / "stat").read_text().partition(" (")[2].rpartition(") ")
            except OSError:
                continue
            parents[int(folder.name)] = int(fields.split()[1])
            said[int(folder.name)] = f"{name} {fields[0]}"
    found: dict[int, str] = {}
    below = [pid]
    while below:
        above = below.pop()
        young = [child for child, parent in parents.items() if parent == above]
        found |= {child: said[child] for child in young}
        below += young
    return found


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@dataclass
class Scene:
    """One judge, a folder with another student's work, a listener on the loopback."""

    level: str
    folder: Path
    judge: Judge
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    isolation: str = ""

    def __post_init__(self) -> None:
        keep_orphans()
        self.folder.chmod(0o777)
        (self.folder / "other_submission.py").write_text("secret of another")
        (self.folder / "victim").write_text("unharmed")
        self.listener.setblocking(False)
        self.isolation = self.judge.judge(ONE_CHECK, HONEST).isolation
        self.judge.judge(HURRIED, HONEST)

    @property
    def zygote(self) -> int:
        (launcher,) = self.judge._launchers.values()
        return int(launcher._process.pid)  # type: ignore[attr-defined]  # on Linux it is a Zygote

    def have_orders_carried_out(self) -> None:
        """Wait until the zygote has put away what the judge is done with, by an order after all others."""
        (launcher,) = self.judge._launchers.values()
        launcher.end(0)  # type: ignore[attr-defined]  # on Linux it is a Zygote; it has no child 0

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def judged(self, attack: Attack, kata: Kata = HURRIED) -> Judgement:
        return self.judge.judge(kata, attack.submission(self.folder, self.port))

    def honest_is_accepted(self) -> bool:
        return self.judge.judge(ONE_CHECK, HONEST).accepted

    def state(self) -> dict[str, Any]:
        """All that an attack could leave behind or change; the same before and after."""
        temporary = Path(tempfile.gettempdir())
        self.have_orders_carried_out()
        return {
            "zygote": self.zygote,
            # One, the guest of the next check, which may still be making itself ready.
            "processes": sorted(how.replace(" R", " S") for how in descendants(self.zygote).values()),
            "orphans": sorted(self._strays() & self._strays()),  # twice: a guest may end between two looks
            "descriptors of the judge": descriptors(os.getpid()),
            "descriptors of the zygote": descriptors(self.zygote),
            "files": {file.name: file.read_text() for file in self.folder.iterdir() if file.is_file()},
            "folder": sorted(file.name for file in self.folder.iterdir()),
            "left lying about": [
                str(file)
                for place in (temporary, Path("/dev/shm"), Path("/var/tmp"), Path())
                for file in place.glob("kata-attack-file*")
            ],
        }

    def _strays(self) -> set[int]:
        """What is below this process and not below the zygote."""
        return set(descendants(os.getpid())) - set(descendants(self.zygote))

    def was_connected_to(self) -> bool:
        """Whether anybody has reached the listener."""
        try:
            self.listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self.judge.__exit__(None, None, None)
        self.listener.close()


def scene(level: str, folder: Path, *, explain: bool = False) -> Scene:
    """A scene at that level of isolation."""
    judge = Judge(Options(seed=SEED, isolation=level, explain=explain))
    return Scene(level, folder, judge.__enter__())
