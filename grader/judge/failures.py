"""What a guest's end means, in words for the learner: exceptions of its program, and real sleep."""

from __future__ import annotations

from collections.abc import Iterator

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


def over_bound(what: object) -> Failure:
    """The guest handed over a value that is larger than any may be."""
    return Failure(
        f"What your code returned or passed on is too large to be looked at: {what}.",
        verdict=Verdict.OUTPUT_LIMIT,
    )


def too_much_to_judge() -> Failure:
    """The judge ran out of memory over what the guest had sent: as if the guest had used it itself."""
    return Failure(
        "To judge what your program sent took more memory than the kata allows.",
        verdict=Verdict.MEMORY_LIMIT,
    )


def too_much(what: str) -> Failure:
    """It did something that is counted more often than any answer has to."""
    return Failure(f"Your program {what} in one check.", verdict=Verdict.TIME_LIMIT)


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
    line = _line_of(record)
    said = f"{name}: {record.message}" if record.message else name
    if verdict is Verdict.BUSY_LOOP:
        said = (
            "The program kept running without ever waiting for anything, so no time could pass"
            f" ({record.message}): only waiting moves the clock."
        )
    elif name == "BdbQuit":
        said = "It stopped at a breakpoint. A check has no debugger: use `kata run`."
    elif name in ("PermissionError", "FileNotFoundError"):
        said += "\nWhile it is judged, a program has none of this machine's files and programs."
    elif verdict is Verdict.MEMORY_LIMIT:
        said = "It used more memory than the kata allows."
    return Failure("\n".join([said, *_more(record)]), verdict=verdict, line=line)


def _line_of(record: wire.ExceptionRecord) -> int | None:
    """The innermost line of the learner's; of a group, where the first of its members was raised."""
    for each in (*record.members[:1], record):
        for number, _ in reversed(each.frames):
            return number
    return None


def _more(record: wire.ExceptionRecord) -> Iterator[str]:
    """What belongs to an exception besides its message: notes, members, where it came from."""
    yield from record.notes
    for member in record.members[:_MEMBERS]:
        yield f"  - {member.types[0] if member.types else 'Exception'}: {member.message}"
    if len(record.members) > _MEMBERS:
        yield f"  and {len(record.members) - _MEMBERS} more"
    if record.cause is not None and record.cause.types:
        said = f": {record.cause.message}" if record.cause.message else "."
        yield f"It was raised from {record.cause.types[0]}{said}"


_MEMBERS = 5
"""How many errors of a group are told."""
