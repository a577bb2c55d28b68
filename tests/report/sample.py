"""A judgement with something of everything, for the tests of the renderers."""

from __future__ import annotations

from grader.records import CheckResult, Isolation, Judgement, Span, Timeline, Verdict

S = 1_000_000_000

SOURCE = """import asyncio


async def read_all(names, read):
    readings = []
    for name in names:
        readings.append(await read(name))
    return readings
"""


def staircase(*lanes: str) -> Timeline:
    """One request after another, below the task that makes them."""
    requests = [
        Span(lane=lane, kind="request", start_ns=n * S, end_ns=(n + 1) * S) for n, lane in enumerate(lanes)
    ]
    task = Span(
        lane="read_all", kind="waiting", start_ns=0, end_ns=len(lanes) * S, label="await read(name)", line=7
    )
    return Timeline(spans=(task, *requests), makespan_ns=len(lanes) * S, peak_in_flight=1)


def together(*lanes: str) -> Timeline:
    """All requests at once."""
    spans = tuple(Span(lane=lane, kind="request", start_ns=0, end_ns=S) for lane in lanes)
    return Timeline(spans=spans, makespan_ns=S, peak_in_flight=len(lanes))


def check(verdict: Verdict = Verdict.NOT_CONCURRENT, **facts: object) -> CheckResult:
    told: dict[str, object] = {
        "id": "test_requests_overlap",
        "title": "All requests are in flight together",
        "verdict": verdict,
        "points": 0.0,
        "max_points": 2.0,
        "rationale": "Ten requests were expected to be in flight together; never was there more than one.",
        "line": 7,
        "misconception": "awaited_in_a_loop",
        "elapsed_virtual_ns": 3 * S,
        "best_virtual_ns": S,
        "peak_in_flight": 1,
        "timeline": staircase("oslo", "bergen", "voss"),
        "best": together("oslo", "bergen", "voss"),
    }
    return CheckResult(**(told | facts))  # type: ignore[arg-type]  # the fields are those of CheckResult


def passed() -> CheckResult:
    return CheckResult(
        id="test_order",
        title="Every reading comes back in order",
        verdict=Verdict.ACCEPTED,
        points=1,
        max_points=1,
        elapsed_virtual_ns=3 * S,
    )


def judgement(*checks: CheckResult, title: str = "Gather the readings") -> Judgement:
    return Judgement(
        number=4,
        slug="gather_readings",
        title=title,
        seed=7,
        checks=checks or (passed(), check()),
        isolation=Isolation.PARTIAL,
        isolation_missing=("Landlock",),
        elapsed_wall_ms=212,
        python="3.11.7",
        grader="0.1.0",
        suite_digest="ab" * 32,
        submission_sha256="cd" * 32,
    )
