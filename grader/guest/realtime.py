"""A guest on the real clock: stock library, real sockets; only names are asked of the judge.

See `grader.judge.realtime`. A thread reads the wire, since judge and guest do not take turns here.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

import msgspec

from grader import wire
from grader.guest import faults
from grader.guest.link import Link, take_over
from grader.guest.output import Streams
from grader.guest.serve import Server
from grader.records import History, Limits, cut
from grader.wire import Action

FILENAME = "solution.py"


class RealLink(Link):
    """Sends each action at once, and hands out events on the reading thread."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        super().__init__(read_fd, write_fd)
        self._sending = threading.Lock()

    def act(self, action: Action) -> None:
        with self._sending:
            self._send(wire.frame(wire.Idle(None, [action])))

    def read_for_ever(self) -> None:
        """Hand out events until the judge hangs up, which ends this process."""
        while True:
            for event in wire.read_step(self._receive()).events:
                self._dispatch(event)


def pause(what: str) -> tuple[Callable[[], None], Callable[[], object]]:
    """A blocking callable of the judge's blocks a real thread."""
    over = threading.Event()
    return over.set, over.wait


class Names:
    """`socket.getaddrinfo` that knows the suite's hosts."""

    def __init__(self, link: RealLink) -> None:
        self._link = link
        self._real = socket.getaddrinfo
        self._asked = 0
        self._waiting: dict[int, Callable[[str | None], None]] = {}
        link.on(wire.Resolved, lambda m: self._waiting.pop(m.number)(m.address))

    def getaddrinfo(self, host: Any, *rest: Any, **more: Any) -> Any:
        """As the real one, with the suite's hosts looked up first."""
        if isinstance(host, str) and host[:1].isalpha() and host != "localhost":
            host = self._look_up(host) or host
        return self._real(host, *rest, **more)

    def _look_up(self, name: str) -> str | None:
        found: list[str | None] = []
        answered = threading.Event()

        def answer(address: str | None) -> None:
            found.append(address)
            answered.set()

        self._asked += 1
        self._waiting[self._asked] = answer
        self._link.act(wire.Resolve(self._asked, cut(name)))
        answered.wait()
        return found[0]


def main(arguments: list[str]) -> None:
    """Be a guest on the real clock, with these two descriptors for a wire and these limits."""
    limits = msgspec.json.decode(arguments[2], type=Limits)
    link = RealLink(*take_over(*arguments[:2]))
    Streams(link, limits.output_bytes).put_in_place()
    socket.getaddrinfo = Names(link).getaddrinfo
    loaded = threading.Event()
    loads: list[wire.Load] = []

    def take(load: wire.Load) -> None:
        loads.append(load)
        loaded.set()

    link.on(wire.Load, take)
    link.on(wire.Inspect, lambda _: link.act(wire.Inspected(History())))
    server = Server(pause, link, FILENAME)
    link.on(wire.Ping, server.answer_on_loop)
    link.act(wire.Entered("none", ["the real clock runs without a sandbox"]))
    threading.Thread(target=link.read_for_ever, daemon=True).start()
    loaded.wait()
    namespace = _load(link, loads[0])
    if namespace is not None:
        server.run(asyncio.SelectorEventLoop(), namespace)
    threading.Event().wait()


def _load(link: RealLink, load: wire.Load) -> dict[str, Any] | None:
    module = types.ModuleType(load.name)
    sys.modules[load.name] = module
    try:
        faults.refuse_undecodable(load.source, FILENAME)
        exec(compile(load.source, FILENAME, "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:  # Whatever it is, the module could not be loaded.
        link.act(wire.Loaded(faults.record(error, FILENAME)))
        return None
    link.act(wire.Loaded(None))
    return module.__dict__
