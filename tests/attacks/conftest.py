"""One scene per level and worker: attacks must not be able to spoil it for those that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.attacks.scene import Scene, scene


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Scene]]:
    """The scene of a level. At `best`, failed checks are explained too, as for a learner."""
    made: dict[str, Scene] = {}

    def of(level: str) -> Scene:
        if level not in made:
            made[level] = scene(level, tmp_path_factory.mktemp(level), explain=level == "best")
        return made[level]

    yield of
    for one in made.values():
        one.close()
