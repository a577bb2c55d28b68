"""What goes on working for honest code after it has been shut in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import grader

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


def test_threads_do_not_eat_the_memory_by_starting(inside: Callable[[str], Any]) -> None:
    """A heap per thread would reserve 64 MB each, as many as the machine has cores to justify."""
    assert inside("allocate_beside_busy_threads") == 128


def test_a_guest_works_in_the_root_folder(inside: Callable[[str], Any]) -> None:
    """Not in the user's."""
    assert inside("where_one_is")[1] == "/"


def test_a_guest_leaves_the_terminal_if_there_is_one(run: Run) -> None:
    """By leaving the session; the kernel then has nothing to open, even without Landlock."""
    names = ["open_the_terminal", "where_one_is"]
    control = run(names, level="none", terminal=True)["attempts"]
    assert [control[name]["outcome"] for name in names] == ["ok", "ok"]
    inside = run(names, level="best", without=["landlock"], terminal=True)["attempts"]
    assert inside["open_the_terminal"]["outcome"] == "ENXIO"


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


def test_a_declared_package_can_be_read_and_its_neighbours_cannot(run: Run) -> None:
    """Declared paths are readable with all below them."""
    names = ["read_an_installed_package", "read_a_suite", "read_a_secret"]
    home = str(Path(msgspec.__file__).parent)
    answer = run(names, level="full", readable=[home])["attempts"]
    assert [answer[name]["outcome"] for name in names] == ["ok", "EACCES", "EACCES"]


def test_a_kata_that_declares_the_project_still_reads_no_suite(run: Run) -> None:
    """The grader's own folders are carved out of whatever is declared."""
    names = ["read_a_suite", "read_the_project"]
    whole = str(Path(grader.__file__).parent.parent)
    answer = run(names, level="full", readable=[whole, f"{whole}/grader/suites"])["attempts"]
    assert [answer[name]["outcome"] for name in names] == ["EACCES", "EACCES"]
