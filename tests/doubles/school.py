"""Makers of katas and archives for the batch tests."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

from grader.engine.jobs import Job
from grader.records import Kata

GOOD = b"async def read_all(names):\n    return names\n"


def make_kata(number: int, slug: str, *entry_points: str) -> Kata:
    """A kata as the catalogue would read it; its folder does not exist."""
    return Kata(
        number=number,
        slug=slug,
        title=slug.replace("_", " ").capitalize(),
        unit=1,
        folder=Path("katas") / f"{number:02d}_{slug}",
        suite=Path("suites") / f"test_{number:02d}_{slug}.py",
        entry_points=entry_points,
    )


def pack(files: dict[str, bytes | str]) -> bytes:
    """A zip of these files, its times fixed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner, content in files.items():
            archive.writestr(zipfile.ZipInfo(inner, (2026, 3, 1, 12, 0, 0)), content)
    return buffer.getvalue()


def job(source: str, deadline_s: float = 60, slug: str = "gather_readings") -> Job:
    """A job with its hash, as a run makes it."""
    data = source.encode()
    return Job(
        slug=slug,
        sha256=hashlib.sha256(data).hexdigest(),
        source=data,
        filename="a.py",
        deadline_s=deadline_s,
    )
