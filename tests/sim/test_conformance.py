"""CPython's own asyncio tests, run from the installed interpreter and pointed at the simulation.

What is left out as a whole: modules that replace the selector by a mock that never lets time pass
(`test_base_events`, `test_selector_events`, `test_pep492`, `test_runners`), those of which tasks
and futures are the only subject (`test_tasks`, `test_futures`), and other platforms' machines.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
TIME_LIMIT_S = 110
MACHINE = (
    "test_buffered_proto",
    "test_context",
    "test_events",
    "test_protocols",
    "test_sendfile",
    "test_server",
    "test_server_context",
    "test_sock_lowlevel",
    "test_ssl",
    "test_sslproto",
    "test_streams",
    "test_transports",
    "test_unix_events",
)
TIME_AND_THREADS = (
    "test_eager_task_factory",
    "test_free_threading",
    "test_futures2",
    "test_graph",
    "test_locks",
    "test_queues",
    "test_staggered",
    "test_taskgroups",
    "test_threads",
    "test_timeouts",
    "test_waitfor",
)
LEAST_PASSED = {MACHINE: 0.8, TIME_AND_THREADS: 0.97}
"""Of those that this platform does not skip. Together they are some 1,000 tests, of which 85 % must pass."""

BLOCKING_TLS = "the other end is a blocking socket with TLS, which is refused by name"
NO_PROGRAMS = "starts the Python interpreter as a child process: programs are what a suite supplies"
NOT_FILES = "unix names are not files here"
LOOPS = r"(EPoll|Poll|Select)EventLoopTests\."
EXPECTED_FAILURES: tuple[tuple[str, str], ...] = (
    (rf"test_events\.{LOOPS}test_(bidirectional_pty|read_pty_output)", "a real terminal"),
    (rf"test_events\.{LOOPS}test_create_(datagram_endpoint_ipv6|server_dual_stack)", "IPv4 only"),
    (rf"test_events\.{LOOPS}test_create_server_trsock", "socket.dup is refused by name"),
    (
        rf"test_events\.({LOOPS}test_write_pipe_disconnect_on_close|UnixPipeObjectSupportTests\.test_(read|write)_socket)",
        "socket.detach is refused by name",
    ),
    (rf"test_events\.{LOOPS}test_signal_handling_(args|while_selecting)", "setitimer is refused by name"),
    (rf"test_events\.{LOOPS}test_(create_ssl_(unix_)?connection|ssl_connect_accepted_socket)", BLOCKING_TLS),
    (
        rf"test_events\.{LOOPS}test_subprocess_(close_.*|exec|exitcode|interactive|kill|send_signal|shell"
        r"|stderr|stderr_redirect_to_stdout|terminate|wait_no_same_group)",
        NO_PROGRAMS,
    ),
    (
        r"test_events\.Test(C|Py)GetEventLoop\.test_get_event_loop_new_process",
        "multiprocessing is refused by name",
    ),
    (r"test_eager_task_factory\.CEagerTaskFactoryLoopTests\.test_issue105987", NO_PROGRAMS),
    (rf"test_sendfile\.{LOOPS}test_sendfile_prevents_bare_write", "os.sendfile fails, so asyncio falls back"),
    (r"test_unix_events\..*test_sock_sendfile_cancel[12]", "os.sendfile fails, so asyncio falls back"),
    (r"test_unix_events\..*test_create_unix_server_existing_path_nonsock", NOT_FILES),
    (r"test_server\.UnixServerCleanupTests\..*_(gone|prevented|replaced)", NOT_FILES),
    (r"test_unix_events\..*test_create_unix_server_path_dgram", "AF_UNIX with SOCK_DGRAM is refused by name"),
    (r"test_unix_events\.PidfdChildWatcherTests\.test_pidfd_closed_when_waitpid_raises", NO_PROGRAMS),
    (r"test_unix_events\.TestFork\..*", "os.fork is refused by name"),
    (r"test_server\.TestServer2\.test_abort_clients", "yields for ever without waiting: a busy loop here"),
    (r"test_streams\..*test_open_(unix_)?connection_no_loop_ssl", BLOCKING_TLS),
    (r"test_streams\..*test_read_all_from_pipe_reader", NO_PROGRAMS),
    (
        r"test_ssl(proto)?\..*test_(create_connection_(memory_leak|ssl_1|ssl_failed_certificate(_no_cycles)?)|create_server_ssl.*"
        r"|flush_before_shutdown|remote_shutdown_receives_trailing_data(_on_slow_socket)?|shutdown_(cleanly|timeout_(after_eof_from_not_reading_peer|handler_.*))"
        r"|start_tls_(client_(buf_proto_1|corrupted_ssl|reg_proto_1)|failed_certificate_no_cycles|server_1))",
        BLOCKING_TLS,
    ),
)

if sys.version_info < (3, 12):
    EXPECTED_FAILURES += ((r"test_unix_events\..*test_create_unix_server_path_stream_bittype", NOT_FILES),)


def conform(modules: tuple[str, ...], folder: Path) -> dict[str, str]:
    """The outcome of each test, by its id."""
    present = [name for name in modules if importlib.util.find_spec(f"test.test_asyncio.{name}")]
    paths = [str(HERE), str(HERE.parents[1])]
    result = subprocess.run(
        [sys.executable, str(HERE / "conformance_runner.py"), *present],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_S,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    outcomes: dict[str, str] = json.loads(result.stdout.splitlines()[-1])["outcomes"]
    return outcomes


def why_expected(test: str) -> str | None:
    return next((why for pattern, why in EXPECTED_FAILURES if re.fullmatch(pattern, test)), None)


@pytest.mark.parametrize("modules", [MACHINE, TIME_AND_THREADS], ids=["machine", "time_and_threads"])
def test_asyncio_conforms_on_the_simulation(modules: tuple[str, ...], tmp_path: Path) -> None:
    """Whatever fails is expected to, for a reason; and whatever is expected to fail does."""
    if importlib.util.find_spec("test.test_asyncio") is None:
        pytest.skip("this interpreter came without its test package")
    outcomes = conform(modules, tmp_path)
    counts = Counter(outcomes.values())
    failing = {test for test, outcome in outcomes.items() if outcome in ("failed", "error")}
    unexpected = sorted(test for test in failing if why_expected(test) is None)
    better = sorted(test for test in outcomes if why_expected(test) and outcomes[test] == "passed")
    assert not unexpected, f"{counts}: these fail and should not: {unexpected}"
    assert not better, f"{counts}: these pass now, so strike them from the list: {better}"
    assert counts["passed"] >= LEAST_PASSED[modules] * (counts.total() - counts["skipped"]), counts
