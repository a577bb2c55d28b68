"""`select.select`, `poll`, `epoll` and selectors: the same on this machine and on the simulated one."""

from __future__ import annotations

import select
import selectors
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from platforms import Platform, Simulated

from grader.errors import NotSimulated


@contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, two = socket.socketpair()
    with one, two:
        yield one, two


def test_select_tells_who_can_read_and_who_can_write(platform: Platform) -> None:
    with pair() as (one, two):
        assert select.select([one], [one, two], [one], 0) == ([], [one, two], [])
        two.send(b"x")
        assert select.select([one, two.fileno()], [], []) == ([one], [], [])
        assert select.select([], [], [], 0) == ([], [], [])
        two.close()
        one.recv(1)
        assert select.select([one], [], []) == ([one], [], [])
        assert one.recv(1) == b""


WRONG: list[tuple[type[Exception], Callable[[], Any]]] = [
    (ValueError, lambda: select.select([], [], [], -1)),
    (TypeError, lambda: select.select([object()], [], [])),
    (ValueError, lambda: select.select([-1], [], [])),
    (KeyError, lambda: select.poll().unregister(0)),
    (FileNotFoundError, lambda: select.poll().modify(0, 1)),
    (ValueError, lambda: selectors.DefaultSelector().register(0, 7)),
    (KeyError, lambda: selectors.DefaultSelector().unregister(0)),
]


@pytest.mark.parametrize("error, use", WRONG)
def test_nonsense_is_refused(platform: Platform, error: type[Exception], use: Callable[[], Any]) -> None:
    with pytest.raises(error):
        use()


def test_poll_answers_in_bits(platform: Platform) -> None:
    with pair() as (one, two):
        poll = select.poll()
        poll.register(one, select.POLLIN)
        poll.register(two)
        assert poll.poll(0) == [(two.fileno(), select.POLLOUT)]
        poll.modify(two, select.POLLIN)
        two.send(b"x")
        assert poll.poll() == [(one.fileno(), select.POLLIN)]
        poll.unregister(one)
        assert poll.poll(1) == []
        poll.register(one, select.POLLIN | select.POLLOUT)
        two.close()
        (number, bits) = poll.poll()[-1]
        assert number == one.fileno()
        assert bits & select.POLLIN


def test_a_reset_is_told_as_an_error(platform: Platform) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        other, _ = server.accept()
    with client:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        other.close()
        poll = select.poll()
        poll.register(client, select.POLLIN)
        [(_, bits)] = poll.poll()
        assert bits & select.POLLIN
        assert bits & select.POLLERR
        assert bits & select.POLLHUP


@pytest.mark.skipif(not hasattr(select, "epoll"), reason="this platform has no epoll to compare with")
def test_epoll_knows_what_it_watches(platform: Platform) -> None:
    with pair() as (one, two), select.epoll() as epoll:
        epoll.register(one, select.EPOLLIN)
        with pytest.raises(FileExistsError):
            epoll.register(one, select.EPOLLIN)
        assert epoll.poll(0) == []
        two.send(b"x")
        assert epoll.poll(maxevents=1) == [(one.fileno(), select.EPOLLIN)]
        epoll.modify(one, select.EPOLLOUT)
        assert epoll.poll() == [(one.fileno(), select.EPOLLOUT)]
        epoll.unregister(one)
        with pytest.raises(FileNotFoundError):
            epoll.unregister(one)
        with pytest.raises(ValueError):
            epoll.poll(maxevents=0)
    assert epoll.closed
    with pytest.raises(ValueError, match="closed"):
        epoll.poll()


@pytest.mark.parametrize("name", ["DefaultSelector", "SelectSelector", "PollSelector"])
def test_selectors_hand_back_what_was_given_to_them(platform: Platform, name: str) -> None:
    with pair() as (one, two), getattr(selectors, name)() as selector:
        selector.register(one, selectors.EVENT_READ, "data")
        with pytest.raises(KeyError):
            selector.register(one, selectors.EVENT_READ)
        assert selector.select(0) == []
        two.send(b"x")
        [(key, events)] = selector.select()
        assert (key.fileobj, key.fd, key.data, events) == (one, one.fileno(), "data", selectors.EVENT_READ)
        selector.modify(one, selectors.EVENT_READ | selectors.EVENT_WRITE, "more")
        assert selector.select()[0][1] == selectors.EVENT_READ | selectors.EVENT_WRITE
        assert selector.get_key(one).data == "more"
        assert (len(selector.get_map()), one in selector.get_map(), two in selector.get_map()) == (
            1,
            True,
            False,
        )
        one.close()
        assert selector.unregister(one).data == "more"
        assert selector.select(0) == []


def test_somebody_elses_send_ends_the_wait(platform: Platform) -> None:
    with pair() as (one, two):
        for wait in (
            lambda: select.select([one], [], []),
            lambda: selecting(one),
        ):
            sender = threading.Timer(0.001, lambda: two.send(b"x"))
            sender.start()
            wait()
            assert one.recv(1) == b"x"
            sender.join()


def selecting(sock: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        selector.select()


def test_timeouts_are_in_the_units_of_each(world: Simulated) -> None:
    """Seconds for `select` and `epoll`, milliseconds for `poll`."""
    with pair() as (one, _):
        select.select([one], [], [], 1.5)
        assert world.now_s == 1.5
        poll = select.poll()
        poll.register(one, select.POLLIN)
        poll.poll(500)
        assert world.now_s == 2.0
        epoll = select.epoll()
        epoll.register(one, select.EPOLLIN)
        epoll.poll(3)
        assert world.now_s == 5.0


def test_edges_and_foreign_descriptors_are_refused_by_name(world: Simulated) -> None:
    with pair() as (one, _):
        epoll = select.epoll()
        for use in (
            lambda: epoll.register(one, select.EPOLLIN | select.EPOLLET),
            epoll.fileno,
        ):
            with pytest.raises(NotSimulated):
                use()
        with pytest.raises(OSError, match="simulated machine"):
            select.select([0], [], [], 0)
        gone = one.fileno()
        poll = select.poll()
        poll.register(one)
        one.close()
        assert poll.poll() == [(gone, select.POLLNVAL)]
