"""What a class was graded with, which a store remembers: who forgets it in a later run is told, not obeyed.

A run without the roster would drop the rows of who handed in nothing; one without the suite would judge the
class anew; one without the policy would hand out raw marks. So what differs is refused, unless the run says
that it is to be forgotten.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence

from grader.errors import BadInput

OPTIONS = ("roster", "suite", "katas", "late-policy")
"""What is remembered, as the options are called."""

Given = Mapping[str, str]
"""Option: the absolute path that it was given."""


def refuse_other(
    store: str, remembered: Given, given: Given, forget: Sequence[str], command: Sequence[str]
) -> None:
    """Raises BadInput where a run was given something else, or nothing, in place of what is remembered.

    What is given for the first time differs from nothing. `command` is how the run was called.
    """
    differing = [
        name
        for name in OPTIONS
        if name in remembered and name not in forget and given.get(name) != remembered[name]
    ]
    if not differing:
        return
    was = " and ".join(f"--{name} {remembered[name]}" for name in differing)
    now = " and ".join(f"--{name} {given[name]}" if name in given else f"no --{name}" for name in differing)
    again = shlex.join([*command, *_words(differing)])
    raise BadInput(
        f"The store {store} was graded with {was}, and this run has {now}.",
        advice=f"Give what it had, or say that it is to be forgotten: {again}",
    )


def _words(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield from ("--forget", name)
