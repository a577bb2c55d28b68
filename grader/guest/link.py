"""The guest's end of the wire: its idler, and the network as messages.

Whenever none of the guest's threads can run, `idle` sends what they did and waits, for real, for
the judge's next step. That read is the only place in a guest where real time may pass idly.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from grader import wire
from grader.records import cut
from grader.sim.kernel import Kernel
from grader.sim.net.medium import Address, NetworkEvents
from grader.wire import Action, Event

FLUSH_BYTES = 1 << 20
# Taken before the library is patched: the wire itself is real.
_read, _write, _exit = os.read, os.write, os._exit


def take_over(*numbers: str) -> list[int]:
    """The descriptors that a plain process was started with, for itself alone (see `judge.plain_process`)."""
    if sys.platform == "win32":
        import msvcrt

        return [msvcrt.open_osfhandle(int(handle), os.O_BINARY) for handle in numbers]
    descriptors = [int(number) for number in numbers]
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return descriptors


class Link:
    """Sends actions, receives events, and hands each event to whoever asked for its type."""

    def __init__(self, read_fd: int = -1, write_fd: int = -1) -> None:
        """Without descriptors, it is made before the wire is there (see `open`)."""
        self.open(read_fd, write_fd)
        self._actions: list[Action] = []
        self._unsent_bytes = 0
        self.max_bytes = 1 << 32
        """The largest message that the judge takes."""
        self._handlers: dict[type, Callable[[Any], None]] = {}
        self.is_loop_free: Callable[[], bool] = lambda: False
        """Whether the loop on which the judge's calls run has come to rest."""
        self._asked: wire.Ping | None = None
        self._handlers[wire.Ping] = self._take_question
        self.before_advance: Callable[[], None] | None = None
        """Called when virtual time is about to move on, while all still stands as it stood."""

    def open(self, read_fd: int, write_fd: int) -> None:
        """Speak over these descriptors from now on."""
        self._read_fd, self._write_fd = read_fd, write_fd

    def greet(self, action: wire.Entered) -> None:
        """Say something before the judge's first step: the learner's code can then no longer change it."""
        self._send(wire.frame(wire.Idle(None, [action])))

    def on(self, kind: type, handler: Callable[[Any], None]) -> None:
        """Have events of that type handed to `handler`, called on whichever thread was idle."""
        self._handlers[kind] = handler

    def act(self, action: Action) -> None:
        """Tell the judge, with the next `Idle`."""
        self._actions.append(action)

    def count_bytes(self, kernel: Kernel, size: int) -> None:
        """Keep frames small: past `FLUSH_BYTES` of payload, exchange at the same instant."""
        self._unsent_bytes += size
        if self._unsent_bytes > FLUSH_BYTES:
            self.idle(kernel, kernel.now_ns)

    def idle(self, kernel: Kernel, until_ns: int | None) -> None:
        """One exchange with the judge; the events it brings may make threads runnable."""
        if self._asked is not None and self.is_loop_free():
            self.act(wire.Pong(self._asked.number))
            self._asked = None
        actions, self._actions, self._unsent_bytes = self._actions, [], 0
        message = wire.frame(wire.Idle(until_ns, actions))
        if len(message) > self.max_bytes and len(actions) > 1:
            # In two parts, one after the other at this instant: what it brings may lead to more to say.
            half = len(actions) // 2
            for part, until in ((actions[:half], kernel.now_ns), (actions[half:], until_ns)):
                self._actions[:0] = part
                self.idle(kernel, until)
            return
        if len(message) > self.max_bytes:
            what = f"{len(message):,} bytes in one message; at most {self.max_bytes:,} are allowed"
            message = wire.frame(wire.Idle(until_ns, [wire.TooLarge(what)]))
        self._send(message)
        self.take_step(kernel)

    def start_over(self, last: Action) -> None:
        """Drop what has not been sent, say only this, and leave the next step to whoever takes it."""
        self._actions, self._unsent_bytes, self._asked = [], 0, None
        self._send(wire.frame(wire.Idle(None, [last])))

    def _take_question(self, ping: wire.Ping) -> None:
        self._asked = ping

    def take_step(self, kernel: Kernel) -> None:
        """Wait for the judge's next step, and hand out what it brings."""
        step = wire.read_step(self._receive())
        if self.before_advance is not None and step.now_ns > kernel.now_ns:
            self.before_advance()
        kernel.advance_to(step.now_ns)
        for event in step.events:
            self._dispatch(event)

    def _dispatch(self, event: Event) -> None:
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[_write(self._write_fd, view) :]

    def _receive(self) -> bytes:
        try:
            return wire.read_frame(lambda size: _read(self._read_fd, size))
        except EOFError:
            _exit(0)  # The judge has closed the wire: the check is over.


class WireMedium:
    """The guest's `Medium`: every call is a message to the judge, who owns the network."""

    def __init__(self, link: Link, kernel: Kernel) -> None:
        self._link = link
        self._kernel = kernel
        self._questions: dict[int, Callable[[str | None], None]] = {}
        self._asked = 0

    def attach(self, uplink: NetworkEvents) -> None:
        """Have the network's messages delivered to this machine's sockets."""
        on = self._link.on
        on(wire.Connected, lambda m: uplink.connected(m.number, m.local, m.remote))
        on(wire.Refused, lambda m: uplink.refused(m.number, m.error))
        on(wire.Arrived, lambda m: uplink.arrived(m.number, m.data))
        on(wire.Finished, lambda m: uplink.finished(m.number))
        on(wire.Aborted, lambda m: uplink.aborted(m.number))
        on(wire.Acknowledged, lambda m: uplink.acknowledged(m.number, m.count))
        on(wire.Incoming, lambda m: uplink.incoming(m.listener, m.number, m.local, m.remote))
        on(wire.DatagramIn, lambda m: uplink.datagram(m.number, m.data, m.source))
        on(wire.Resolved, self._resolved)

    def connect(self, number: int, source: Address, target: Address) -> None:
        # A name that is cut is no host's: none is found, as none would be by the whole of it.
        self._link.act(wire.Connect(number, source, (cut(target[0]), target[1])))

    def transmit(self, number: int, data: bytes) -> None:
        self._link.act(wire.Transmit(number, data))
        self._link.count_bytes(self._kernel, len(data))

    def finish(self, number: int) -> None:
        self._link.act(wire.Finish(number))

    def close(self, number: int) -> None:
        self._link.act(wire.Close(number))

    def abort(self, number: int) -> None:
        self._link.act(wire.Abort(number))

    def consumed(self, number: int, count: int) -> None:
        self._link.act(wire.Consumed(number, count))

    def listen(self, number: int, local: Address) -> None:
        self._link.act(wire.Listen(number, local))

    def unlisten(self, number: int) -> None:
        self._link.act(wire.Unlisten(number))

    def open_port(self, number: int, local: Address) -> None:
        self._link.act(wire.OpenPort(number, local))

    def close_port(self, number: int) -> None:
        self._link.act(wire.ClosePort(number))

    def send_datagram(self, source: Address, target: Address, data: bytes) -> None:
        self._link.act(wire.SendDatagram(source, (cut(target[0]), target[1]), data))
        self._link.count_bytes(self._kernel, len(data))

    def resolve(self, name: str, answer: Callable[[str | None], None]) -> None:
        self._asked += 1
        self._questions[self._asked] = answer
        self._link.act(wire.Resolve(self._asked, cut(name)))

    def _resolved(self, message: wire.Resolved) -> None:
        answer = self._questions.pop(message.number, None)
        if answer is not None:
            answer(message.address)
