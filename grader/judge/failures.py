"""What a guest's end means, in words for the learner: exceptions of its program, and real sleep."""

from __future__ import annotations

from grader import wire
from grader.records import Verdict
from grader.testing import Failure


def stalled() -> Failure:
    """The guest slept for real: not a verdict on the answer."""
    return Failure(
        "Your program slept for real, in something that the simulated machine does not know (a C"
        " library, perhaps), so this check could not be judged.",
        verdict=Verdict.STALLED,
    )


_BY_TYPE = {
    "BusyLoop": Verdict.BUSY_LOOP,
    "Deadlock": Verdict.DEADLOCK,
    "MemoryError": Verdict.MEMORY_LIMIT,
}


def failure_of(error: BaseException) -> Failure:
    """An exception of the guest's as the failure that it is: verdict, words, the learner's line."""
    record: wire.ExceptionRecord = error.guest_record  # type: ignore[attr-defined]  # only rebuilt ones come here
    verdict = next((_BY_TYPE[name] for name in record.types if name in _BY_TYPE), Verdict.RUNTIME_ERROR)
    name = record.types[0] if record.types else "Exception"
    line = next((number for number, _ in reversed(record.frames)), None)
    said = f"{name}: {record.message}" if record.message else name
    if verdict is Verdict.BUSY_LOOP:
        said = (
            "The program kept running without ever waiting for anything, so no time could pass"
            f" ({record.message})."
        )
    elif name == "BdbQuit":
        said = "It stopped at a breakpoint. There is no debugger in a check: `kata run` has one."
    elif verdict is Verdict.MEMORY_LIMIT:
        said = "It used more memory than the kata allows."
    for member in record.members[:5]:
        said += f"\n  - {member.types[0] if member.types else 'Exception'}: {member.message}"
    return Failure(said, verdict=verdict, line=line)
