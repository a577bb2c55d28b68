"""Writing the skeleton of a new kata where the catalogue will find it."""

from __future__ import annotations

import re
from pathlib import Path

from grader.authoring.skeleton import ACCEPTED, HINTS, KATA_TOML, README, REJECTED, STUB, SUITE
from grader.catalog import Catalog
from grader.errors import BadInput
from grader.workspace.files import write_new

_SLUG = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def scaffold(catalog: Catalog, number: int, slug: str) -> list[Path]:
    """Write the skeleton beside the catalogue's katas; its files. Raises BadInput where a name is taken."""
    if not _SLUG.fullmatch(slug):
        raise BadInput(
            f"'{slug}' is not a slug.", advice="Use small letters, digits and underscores: print_queue."
        )
    for kata in catalog:
        if number == kata.number or slug == kata.slug:
            raise BadInput(f"Kata {kata.number} {kata.slug} is there already.", advice="Choose another name.")
    written = [path for path, text in _files(catalog.folder, number, slug).items() if write_new(path, text)]
    if not written:
        raise BadInput(f"The skeleton of {slug} is there already.", advice="Fill its TODOs.")
    return written


def checkout_around(folder: Path) -> Path | None:
    """The katas of the checkout that `folder` is in, if in any: it has suites of the grader too."""
    for above in (folder, *folder.parents):
        if (above / "katas").is_dir() and _suites_of_a_checkout(above / "katas").is_dir():
            return above / "katas"
    return None


def _suites_of_a_checkout(katas: Path) -> Path:
    return katas.parent / "grader" / "suites"


def _files(katas: Path, number: int, slug: str) -> dict[Path, str]:
    name = f"{number:02d}_{slug}"
    home, answers = katas / name, katas.parent / "solutions" / name
    suites = _suites_of_a_checkout(katas)
    suites = suites if suites.is_dir() else katas.parent / "suites"
    return {
        home / "kata.toml": KATA_TOML,
        home / "README.md": README.format(number=number),
        home / "hints.md": HINTS,
        home / "stub.py": STUB,
        suites / f"test_{name}.py": SUITE.format(number=number),
        **{answers / "accepted" / f"{way}.py": text for way, text in ACCEPTED.items()},
        **{answers / "rejected" / f"{bug}.py": text for bug, text in REJECTED.items()},
    }
