"""What a guest cannot do, each thing done without the sandbox first, to know that it can be done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import inmate
import pytest
from prison import attempts

Prison = Callable[[str], dict[str, Any]]

FORBIDDEN = [name for name in attempts() if inmate.ATTEMPTS[name].full != "ok"]
READING = [name for name in FORBIDDEN if inmate.ATTEMPTS[name].full == "EACCES"]
CHANGING = [
    "write_a_new_file",
    "write_an_open_folder",
    "append_to_a_file",
    "make_an_unnamed_file",
    "empty_a_file_by_opening_it",
    "truncate_a_file",
    "remove_a_file",
    "rename_a_file",
    "link_symbolically",
    "make_a_folder",
    "make_a_fifo",
]

DEPENDS_ON_THE_KERNEL = {
    "make_an_io_ring",
    "handle_page_faults",
    "use_keyrings",
    "call_in_32_bit_mode",
    "trace_a_victim",
    "read_a_victims_memory",
    "write_a_victims_memory",
}
"""What some kernels lack or keep from ordinary users: without the sandbox it may fail, and not kill."""


@pytest.mark.parametrize("name", FORBIDDEN)
def test_it_works_where_nothing_forbids_it(prison: Prison, name: str) -> None:
    """The positive control: an attempt that fails anyway would prove nothing."""
    outcome = prison("control")["attempts"][name]["outcome"]
    if name in DEPENDS_ON_THE_KERNEL:
        assert outcome in ("ok", "ENOSYS", "EPERM", "ENOMEM", "killed SIGSEGV")
    else:
        assert outcome == inmate.ATTEMPTS[name].control


@pytest.mark.parametrize("condition", ["as I am", "as nobody"])
@pytest.mark.parametrize("name", FORBIDDEN)
def test_full_isolation_forbids_it(prison: Prison, condition: str, name: str) -> None:
    """As whoever runs these tests, and as a user without any privilege."""
    assert prison(condition)["attempts"][name]["outcome"] == inmate.ATTEMPTS[name].full


@pytest.mark.parametrize("name", sorted({*FORBIDDEN} - {*READING}))
def test_seccomp_alone_forbids_all_but_reading(prison: Prison, name: str) -> None:
    """So that an old Landlock, or none, costs nothing but the secrecy of files."""
    assert prison("seccomp alone")["attempts"][name]["outcome"] == inmate.ATTEMPTS[name].full


@pytest.mark.parametrize("name", [*READING, *CHANGING])
def test_landlock_alone_forbids_files(prison: Prison, name: str) -> None:
    """The second of the two layers that guard files."""
    assert prison("landlock alone")["attempts"][name]["outcome"] in ("EACCES", "EPERM", "ENOENT")


@pytest.mark.parametrize("condition", ["as I am", "as nobody", "seccomp alone", "landlock alone"])
def test_the_victim_is_unhurt(prison: Prison, condition: str) -> None:
    """Nothing that was refused had its effect all the same."""
    assert prison(condition)["victim unhurt"] is True
