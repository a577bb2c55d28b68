"""A thousand attacks and honest submissions mixed at random, through one judge at full isolation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.attacks.mixed import judge_mixed
from tests.bench.table import Row

COUNT = 1_000


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        found = judge_mixed(COUNT, 1, Path(folder))
    hostile = found.judged - found.honest
    for what, wrong in (
        (f"honest ones not accepted, of {found.honest} among {COUNT}", found.wronged),
        (f"attacks accepted, of {hostile} among {COUNT}", found.fooled),
        ("judgements that were an error of ours", found.errors),
        ("processes, descriptors and files left behind", found.left),
    ):
        yield Row(what, f"{len(wrong)}", "0", not wrong)
    yield Row(f"judging those {COUNT}", f"{found.took_s:.0f} s", "-", None)
