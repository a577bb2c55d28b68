"""Sockets: what programs see of them, the same on this machine's own and on the simulated ones."""

from __future__ import annotations

import errno
import io
import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from platforms import Aside, Platform, Simulated

from grader.errors import NotSimulated

LOCAL = ("127.0.0.1", 0)
BOTH = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ABORT = struct.pack("ii", 1, 0)


@contextmanager
def connection() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A client and the server's end of one TCP connection."""
    with socket.create_server(LOCAL) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
    with client, accepted:
        yield client, accepted


def read_to_end(sock: socket.socket) -> bytes:
    return b"".join(iter(lambda: sock.recv(4096), b""))


# -- bytes -----------------------------------------------------------------------------------------
@BOTH
@given(parts=st.lists(st.binary(max_size=5000), max_size=8), sizes=st.lists(st.integers(1, 6000), min_size=1))
def test_bytes_arrive_in_order_however_they_are_cut(
    platform: Platform, parts: list[bytes], sizes: list[int]
) -> None:
    """A stream has no message boundaries: any sends, any reads, the same bytes."""
    with connection() as (client, server):
        for part in parts:
            client.sendall(part)
        client.shutdown(socket.SHUT_WR)
        received, turn = b"", 0
        while data := server.recv(sizes[turn % len(sizes)]):
            assert len(data) <= sizes[turn % len(sizes)]
            received, turn = received + data, turn + 1
        assert received == b"".join(parts)


def test_half_closed_connections_still_carry_answers(platform: Platform) -> None:
    """After SHUT_WR one side reads on; the other side's own end comes later."""
    with connection() as (client, server):
        client.sendall(b"question")
        client.shutdown(socket.SHUT_WR)
        assert read_to_end(server) == b"question"
        server.sendall(b"answer")
        server.close()
        assert read_to_end(client) == b"answer"
        with pytest.raises(BrokenPipeError):
            client.send(b"more")


def test_both_ends_may_send_more_than_the_buffers_hold_if_somebody_reads(platform: Platform) -> None:
    """`sendall` of a megabyte waits for its reader, and everything arrives."""
    with connection() as (client, server):
        sending = Aside(lambda: (client.sendall(b"x" * 1_000_000), client.shutdown(socket.SHUT_WR)))
        assert len(read_to_end(server)) == 1_000_000
        sending.result()


def test_a_full_send_buffer_refuses_until_the_reader_reads(platform: Platform) -> None:
    """Without a reader a non-blocking sender comes to BlockingIOError; reading lets it go on."""
    with connection() as (client, server):
        client.setblocking(False)
        sent = 0
        with pytest.raises(BlockingIOError):
            while True:
                sent += client.send(b"x" * 65_536)
        read = 0
        while read < sent:
            read += len(server.recv(65_536))
        wait_writable(client)
        assert client.send(b"y") == 1
        assert server.recv(1) == b"y"


def test_peek_waitall_and_dontwait_do_as_their_names_say(platform: Platform) -> None:
    """Flags of `recv`: look without taking, wait for all of it, never wait."""
    with connection() as (client, server):
        with pytest.raises(BlockingIOError):
            server.recv(1, socket.MSG_DONTWAIT)
        client.sendall(b"abc")
        assert server.recv(2, socket.MSG_PEEK) == b"ab"
        assert server.recv(2) == b"ab"
        waiting = Aside(lambda: server.recv(5, socket.MSG_WAITALL))
        client.sendall(b"de")
        client.sendall(b"fg")
        assert waiting.result() == b"cdefg"
        client.sendall(b"h")
        client.close()
        assert server.recv(5, socket.MSG_WAITALL) == b"h"


def test_buffers_are_filled_in_place(platform: Platform) -> None:
    """`recv_into`, `recvmsg_into` and `sendmsg` move bytes without making new objects of them."""
    with connection() as (client, server):
        assert client.sendmsg([b"ab", bytearray(b"cd"), memoryview(b"ef")]) == 6
        buffer = bytearray(4)
        assert server.recv_into(buffer, 2) == 2
        assert bytes(buffer) == b"ab\0\0"
        one, two = bytearray(3), bytearray(3)
        count, ancillary, flags, _ = server.recvmsg_into([one, two])
        assert (count, ancillary, flags & socket.MSG_TRUNC) == (4, [], 0)
        assert bytes(one) + bytes(two) == b"cdef\0\0"
        client.sendall(b"xy")
        assert server.recvmsg(10)[0] == b"xy"


# -- ends ------------------------------------------------------------------------------------------
def test_closing_with_bytes_unread_resets_the_other_end(platform: Platform) -> None:
    """The sender is told that its bytes were lost: once as a reset, then as an end."""
    with connection() as (client, server):
        client.sendall(b"unread")
        server.recv(1)
        server.close()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        assert client.recv(1) == b""
        with pytest.raises(BrokenPipeError):
            client.send(b"x")


def test_a_linger_of_zero_resets_on_close(platform: Platform) -> None:
    with connection() as (client, server):
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        server.close()
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_sending_to_one_who_has_gone_ends_in_a_reset(platform: Platform) -> None:
    """The first send after the other end closed goes out; what comes back is a reset."""
    with connection() as (client, server):
        server.close()
        assert client.send(b"first") == 5
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                client.send(b"x")
                client.recv(1)


def test_a_closed_socket_answers_nothing_more(platform: Platform) -> None:
    with connection() as (client, _):
        client.close()
        client.close()
        assert client.fileno() == -1
        for call in (lambda: client.recv(1), lambda: client.send(b"x"), client.getsockname, client.listen):
            with pytest.raises(OSError) as caught:
                call()
            assert caught.value.errno == errno.EBADF
        assert "[closed]" in repr(client)


def test_shutting_the_reading_side_ends_reads(platform: Platform) -> None:
    with connection() as (client, server):
        client.shutdown(socket.SHUT_RD)
        assert client.recv(1) == b""
        client.sendall(b"still")
        assert server.recv(5) == b"still"


# -- connecting ------------------------------------------------------------------------------------
def test_nobody_listening_is_a_refusal_and_the_socket_may_try_again(platform: Platform) -> None:
    with socket.create_server(LOCAL) as server:
        address = server.getsockname()
    with socket.socket() as client:
        with pytest.raises(ConnectionRefusedError):
            client.connect(address)
        assert client.connect_ex(address) == errno.ECONNREFUSED
        with socket.create_server(address) as again:
            client.connect(address)
            assert client.getpeername() == again.getsockname()


def test_connecting_without_blocking_tells_its_result_through_so_error(platform: Platform) -> None:
    with socket.create_server(LOCAL) as server, socket.socket() as client, socket.socket() as refused:
        client.setblocking(False)
        assert client.connect_ex(server.getsockname()) == errno.EINPROGRESS
        server.accept()[0].close()
        assert client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
        assert client.connect_ex(server.getsockname()) in (0, errno.EISCONN)
        refused.setblocking(False)
        server.close()
        assert refused.connect_ex(client.getpeername()) == errno.EINPROGRESS
        with pytest.raises(ConnectionRefusedError):
            refused.setblocking(True)
            while True:
                error = refused.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if error:
                    raise OSError(error, os.strerror(error))
                wait_writable(refused)


def wait_writable(sock: socket.socket) -> None:
    import select

    select.select([], [sock], [])


def test_addresses_are_what_both_ends_say(platform: Platform) -> None:
    with connection() as (client, server):
        assert client.getsockname() == server.getpeername()
        assert server.getsockname() == client.getpeername()
        assert client.getsockname()[0] == "127.0.0.1"
        assert (client.family, client.type) == (socket.AF_INET, socket.SOCK_STREAM)
        assert f"raddr={client.getpeername()}" in repr(client)
        assert repr(client).startswith("<socket.socket fd=")


def test_a_name_can_be_taken_once(platform: Platform) -> None:
    """A second bind is EADDRINUSE, on the wildcard as well; closing frees the name."""
    with socket.create_server(LOCAL) as server, socket.socket() as second, socket.socket() as wildcard:
        port = server.getsockname()[1]
        with pytest.raises(OSError) as caught:
            second.bind(server.getsockname())
        assert caught.value.errno == errno.EADDRINUSE
        with pytest.raises(OSError) as caught:
            wildcard.bind(("0.0.0.0", port))
        assert caught.value.errno == errno.EADDRINUSE
    with socket.create_server(("127.0.0.1", port)) as again:
        assert again.getsockname()[1] == port


MISUSES: list[tuple[str, Callable[[socket.socket], Any]]] = [
    ("receiving before connecting", lambda s: s.recv(1)),
    ("sending before connecting", lambda s: s.send(b"x")),
    ("asking for the other end before connecting", lambda s: s.getpeername()),
    ("shutting down before connecting", lambda s: s.shutdown(socket.SHUT_WR)),
    ("accepting before listening", lambda s: s.accept()),
    ("a name twice", lambda s: (s.bind(LOCAL), s.bind(LOCAL))),
    ("an address that is no pair", lambda s: s.connect("localhost")),
    ("a port that is no number", lambda s: s.connect(("127.0.0.1", "80"))),
    ("a port out of range", lambda s: s.connect(("127.0.0.1", 70_000))),
    ("a negative size", lambda s: s.recv(-1)),
    ("a negative timeout", lambda s: s.settimeout(-1)),
    ("connecting a listener", lambda s: (s.listen(), s.connect(s.getsockname()))),
    ("receiving from a listener", lambda s: (s.listen(), s.recv(1))),
    ("sending from a listener", lambda s: (s.listen(), s.send(b"x"))),
    ("a buffer too small", lambda s: s.recv_into(bytearray(1), 2)),
    ("sending without an address", lambda s: s.sendto(b"x")),
    ("a mode that no file has", lambda s: s.makefile("x")),
    ("text without a buffer", lambda s: s.makefile("r", 0)),
    ("sending a file without blocking", lambda s: (s.setblocking(False), s.sendfile(io.BytesIO(b"x")))),
    ("shutting what is no direction", lambda s: s.shutdown(7)),
    ("text for bytes", lambda s: s.send("text")),  # type: ignore[arg-type]  # wrong on purpose
]


@pytest.mark.parametrize("misuse", [call for _, call in MISUSES], ids=[name for name, _ in MISUSES])
def test_misuse_raises_what_the_real_socket_raises(misuse: Callable[[socket.socket], Any]) -> None:
    """The same class of exception and the same error number."""
    seen = []
    for platform in (socket.socket, "simulated"):
        if platform == "simulated":
            with Simulated().running():
                seen.append(_outcome(misuse))
        else:
            seen.append(_outcome(misuse))
    assert seen[0] == seen[1]
    assert seen[0] is not None


def _outcome(misuse: Callable[[socket.socket], Any]) -> tuple[type, int | None] | None:
    with socket.socket() as sock:
        try:
            misuse(sock)
        except Exception as error:
            return type(error), getattr(error, "errno", None)
    return None


# -- timeouts --------------------------------------------------------------------------------------
@pytest.mark.real_clock
@pytest.mark.parametrize("call", ["recv", "accept", "sendall"])
def test_a_timeout_ends_a_call_that_would_wait(platform: Platform, call: str) -> None:
    with connection() as (client, server), socket.create_server(LOCAL) as listener:
        for sock in (client, listener):
            sock.settimeout(0.01)
        calls = {
            "recv": lambda: client.recv(1),
            "accept": listener.accept,
            "sendall": lambda: client.sendall(b"x" * 10_000_000),
        }
        with pytest.raises(TimeoutError, match="timed out"):
            calls[call]()
        assert server.fileno() > 0


def test_the_default_timeout_is_for_new_sockets(platform: Platform) -> None:
    with socket.socket() as before:
        socket.setdefaulttimeout(2.5)
        try:
            with socket.socket() as after:
                assert (before.gettimeout(), after.gettimeout()) == (None, 2.5)
                after.setblocking(True)
                assert (after.timeout, after.getblocking()) == (None, True)
        finally:
            socket.setdefaulttimeout(None)


def test_a_timeout_costs_exactly_its_length(world: Simulated) -> None:
    with connection() as (client, _):
        client.settimeout(1.25)
        with pytest.raises(TimeoutError):
            client.recv(1)
        assert world.now_s == 1.25


# -- datagrams -------------------------------------------------------------------------------------
def bound() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(LOCAL)
    return sock


@BOTH
@given(messages=st.lists(st.binary(max_size=2000), max_size=6))
def test_datagrams_keep_their_boundaries(platform: Platform, messages: list[bytes]) -> None:
    with bound() as one, bound() as two:
        for message in messages:
            assert one.sendto(message, two.getsockname()) == len(message)
        for message in messages:
            assert two.recvfrom(4096) == (message, one.getsockname())


def test_a_datagram_that_is_read_short_loses_its_rest(platform: Platform) -> None:
    with bound() as one, bound() as two:
        one.sendto(b"abcdef", two.getsockname())
        one.sendto(b"next", two.getsockname())
        assert two.recv(3, socket.MSG_PEEK) == b"abc"
        assert two.recv(3) == b"abc"
        buffer = bytearray(10)
        assert two.recvfrom_into(buffer) == (4, one.getsockname())


def test_a_connected_datagram_socket_hears_only_its_friend(platform: Platform) -> None:
    with bound() as one, bound() as two, bound() as stranger:
        two.connect(one.getsockname())
        assert two.getpeername() == one.getsockname()
        stranger.sendto(b"psst", two.getsockname())
        one.sendto(b"hello", two.getsockname())
        assert two.recv(10) == b"hello"
        assert two.send(b"back") == 4
        assert one.recvfrom(10) == (b"back", two.getsockname())


def test_datagrams_without_a_target_or_too_long_are_refused(platform: Platform) -> None:
    with bound() as one, bound() as two:
        with pytest.raises(OSError) as caught:
            one.send(b"x")
        assert caught.value.errno == errno.EDESTADDRREQ
        with pytest.raises(OSError) as caught:
            one.sendto(b"x" * 65_508, two.getsockname())
        assert caught.value.errno == errno.EMSGSIZE


# -- names within the machine ----------------------------------------------------------------------
def test_unix_names_connect_two_programs(platform: Platform) -> None:
    path = platform.unix_path("socket")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        with pytest.raises(FileNotFoundError):
            client.connect(path)
        server.bind(path)
        with pytest.raises(ConnectionRefusedError):
            client.connect(path)
        with socket.socket(socket.AF_UNIX) as second, pytest.raises(OSError) as caught:
            second.bind(path)
        assert caught.value.errno == errno.EADDRINUSE
        server.listen()
        client.connect(path)
        accepted, _ = server.accept()
        with accepted:
            client.sendall(b"over a name")
            assert accepted.recv(100) == b"over a name"
            assert (client.getpeername(), server.getsockname()) == (path, path)


def test_a_socket_pair_goes_both_ways(platform: Platform) -> None:
    one, two = socket.socketpair()
    with one, two:
        one.sendall(b"ping")
        assert two.recv(10) == b"ping"
        two.sendall(b"pong")
        two.close()
        assert read_to_end(one) == b"pong"
        with pytest.raises(BrokenPipeError):
            one.sendall(b"x")


# -- files -----------------------------------------------------------------------------------------
def test_files_over_a_socket_read_lines_and_keep_it_open(platform: Platform) -> None:
    """`makefile` in text and in bytes; the connection ends when the last of them is closed."""
    with connection() as (client, server):
        with client.makefile("rw", encoding="utf-8", newline="\n") as text:
            client.close()
            assert client.fileno() > 0
            text.write("grüße\nzwei\n")
            text.flush()
            with server.makefile("rb") as lines:
                assert [next(lines), next(lines)] == ["grüße\n".encode(), b"zwei\n"]
            server.sendall(b"eins\nzwo")
            server.close()
            assert text.read() == "eins\nzwo"
        assert client.fileno() == -1


def test_files_are_sent_whole_or_in_part(platform: Platform) -> None:
    with connection() as (client, server):
        assert client.sendfile(io.BytesIO(b"0123456789"), 2, 5) == 5
        assert client.sendfile(io.BytesIO(b"abc")) == 3
        client.close()
        assert read_to_end(server) == b"23456abc"


# -- what there is not -----------------------------------------------------------------------------
NOT_THERE: list[tuple[str, Callable[[], Any]]] = [
    ("SOCK_RAW", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW)),
    ("AF_UNIX", lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)),
    ("fileno", lambda: socket.socket(fileno=3)),
    ("fromfd", lambda: socket.fromfd(3, socket.AF_INET, socket.SOCK_STREAM)),
    ("SOCK_DGRAM", lambda: socket.socketpair(type=socket.SOCK_DGRAM)),
    ("dup", lambda: socket.socket().dup()),
    ("detach", lambda: socket.socket().detach()),
    ("MSG_OOB", lambda: socket.socketpair()[0].send(b"x", socket.MSG_OOB)),
    ("ancillary", lambda: socket.socketpair()[0].sendmsg([b"x"], [(1, 1, b"")])),
    ("setsockopt", lambda: socket.socket().setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, b"\0" * 16)),
]


@pytest.mark.parametrize("name, use", NOT_THERE, ids=[name for name, _ in NOT_THERE])
def test_what_is_not_simulated_says_so_by_name(world: Simulated, name: str, use: Callable[[], Any]) -> None:
    with pytest.raises(NotSimulated, match=name):
        use()


def test_a_machine_runs_out_of_descriptors_as_real_ones_do() -> None:
    simulated = Simulated()
    simulated.machine.descriptors.max_open = 3
    with simulated.running():
        kept = [socket.socket() for _ in range(3)]
        with pytest.raises(OSError) as caught:
            socket.socket()
        assert caught.value.errno == errno.EMFILE
        kept.pop().close()
        socket.socket().close()


def test_sockets_of_a_world_that_ended_are_inert() -> None:
    """A finaliser of one check must not reach the next check's world."""
    with Simulated().running():
        left = socket.create_server(("127.0.0.1", 7000))
    with Simulated().running(), socket.create_server(("127.0.0.1", 7000)) as other:
        left.close()
        del left
        with socket.create_connection(other.getsockname()) as client:
            assert client.getpeername() == ("127.0.0.1", 7000)


def test_a_failed_send_holds_on_to_nobodys_buffer(platform: Platform) -> None:
    """The exception's frames may outlive the call: the buffer must still be free to grow."""
    with connection() as (client, server):
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        server.close()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        buffer = bytearray(b"x" * 100)
        with pytest.raises(BrokenPipeError) as caught:
            client.send(buffer)
        buffer.clear()
        assert caught.value.errno == errno.EPIPE
