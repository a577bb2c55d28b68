"""What goes on working for honest code after it has been shut in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Prison = Callable[[str], dict[str, Any]]
Run = Callable[..., dict[str, Any]]

CONDITIONS = ["as I am", "as nobody", "seccomp alone", "landlock alone"]


@pytest.fixture(params=CONDITIONS)
def inside(request: pytest.FixtureRequest, prison: Prison) -> Callable[[str], Any]:
    """The value of an attempt that must work, under each condition."""

    def inside(name: str) -> Any:
        attempt = prison(request.param)["attempts"][name]
        assert attempt["outcome"] == "ok"
        return attempt["value"]

    return inside


def test_every_module_of_the_library_still_imports(inside: Callable[[str], Any], prison: Prison) -> None:
    """All that import outside import inside, too, first asked for after the doors have closed."""
    control = prison("control")["attempts"]["import_the_standard_library"]["value"]
    assert "asyncio" not in control
    assert inside("import_the_standard_library") == control


def test_threads_start_and_join(inside: Callable[[str], Any]) -> None:
    """Processes are forbidden by the flags of the very call that makes threads."""
    assert inside("run_threads") == sum(range(20))


def test_endless_recursion_is_an_exception(inside: Callable[[str], Any]) -> None:
    """The stack may grow as far as the interpreter's own limit."""
    assert inside("recurse_without_end") == "RecursionError"


def test_memory_ends_at_its_limit_with_an_exception(inside: Callable[[str], Any], prison: Prison) -> None:
    """Not before half of it could be used, and never with a kill."""
    assert inside("fill_the_memory") == "MemoryError"
    assert prison("control")["attempts"]["fill_the_memory"]["value"] == "none"


def test_certificates_decimals_hashes_chance_and_zones_work(inside: Callable[[str], Any]) -> None:
    """These read files, devices or the kernel's randomness when first used."""
    assert inside("use_ssl_and_friends") == ["SSLContext", "0.25", "e3b0c442", "16", "UTC", "Queue"]


def test_c_can_call_back_into_python(inside: Callable[[str], Any]) -> None:
    """Which needs executable memory."""
    assert inside("call_back_from_c") == 42


def test_a_process_may_signal_itself(inside: Callable[[str], Any]) -> None:
    """`signal.raise_signal` and `abort` are about nobody else."""
    assert inside("raise_a_signal_in_oneself") == 1


def test_standard_streams_lead_nowhere_and_do_not_fail(inside: Callable[[str], Any]) -> None:
    """Two bytes written, none read."""
    assert inside("print_to_nowhere") == 2


def test_only_the_wire_stays_open(inside: Callable[[str], Any]) -> None:
    """Beside the three standard streams; a folder left open by the parent is gone."""
    assert inside("open_descriptors") == [0, 1, 2, 3]


def test_the_limits_are_those_of_the_policy(inside: Callable[[str], Any]) -> None:
    """256 MB and 1.5 s in these tests; whole seconds of CPU, rounded up, and one to spare."""
    limits = inside("read_ones_limits")
    assert limits["AS"] == [256 << 20] * 2
    assert limits["CPU"] == [3, 4]
    assert limits["FSIZE"] == limits["CORE"] == [0, 0]
    assert limits["NOFILE"] == [64, 64]


def test_a_declared_package_can_be_read_and_its_neighbours_cannot(run: Run, tmp_path_factory: Any) -> None:
    """Declared paths are readable with all below them."""
    import msgspec

    home = str(Path(msgspec.__file__).parent)
    declared = run(["read_an_installed_package", "read_a_suite"], level="full", readable=[home])["attempts"]
    assert declared["read_an_installed_package"]["outcome"] == "ok"
    assert declared["read_a_suite"]["outcome"] == "EACCES"
