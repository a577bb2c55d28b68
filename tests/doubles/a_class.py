"""A class's folder with what is handed in, and runs over it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from grader.catalog import load_catalog
from grader.grading.events import Event, Judged, Noticed, Summary
from grader.grading.marks import Ledger, make_ledger
from grader.grading.policy import Policy
from grader.grading.run import GradeRequest, grade
from grader.grading.store import read_store


class Class:
    """A class's folder, its store, and what the runs over them told."""

    def __init__(self, root: Path, katas: Path) -> None:
        self.root = root / "class"
        self.store = root / "out" / "store.sqlite"
        self.request = GradeRequest(
            path=self.root,
            store=self.store,
            katas_folder=katas,
            isolation="best",
            jobs=2,
            judge="fake_judge:FakeJudge",
        )
        self.events: list[Event] = []

    def hand_in(self, **sources: str) -> None:
        """Keyword: `alice_04=...` is alice's answer to kata 4."""
        for name, source in sources.items():
            student, _, number = name.rpartition("_")
            path = self.root / student / f"{number}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)

    def grade(self, **changes: object) -> Summary:
        self.events = []
        return grade(msgspec.structs.replace(self.request, **changes), self.events.append)

    def judged(self) -> list[tuple[str, tuple[str, ...]]]:
        return sorted((event.slug, event.students) for event in self.events if isinstance(event, Judged))

    def problems(self) -> list[str]:
        return [event.problem.why for event in self.events if isinstance(event, Noticed)]

    def told(self) -> list[str]:
        """The lines, as `kata grade` says them."""
        noticed = [event.problem for event in self.events if isinstance(event, Noticed)]
        return [f"{problem.path}: {problem.why}" for problem in noticed]

    def table(self) -> dict[str, list[float | str | None]]:
        """Student: the mark of each kata of the class, None for no mark, "-" for nothing handed in."""
        ledger = self.ledger()
        return {
            student.id: ["-" if mark is None else mark.points for _, mark in ledger.of(student)]
            for student in ledger.students
        }

    def ledger(self) -> Ledger:
        with read_store(self.store) as store:
            return make_ledger(store, load_catalog(self.request.katas_folder).katas, Policy())
