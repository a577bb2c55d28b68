"""The guest's place in the judge's network: its messages become calls, and the answers messages.

Numbers and addresses come from the guest: each is checked against what it has itself opened.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from grader import wire
from grader.sim.medium import Address
from grader.sim.network import Plug


class GuestPort:
    """The `Uplink` of the guest's plug, and the way in for what it does on the network."""

    def __init__(self, post: Callable[[wire.Event], None]) -> None:
        self._post = post
        self._plug: Plug | None = None

    def plug_in(self, plug: Plug) -> dict[type, Callable[[Any], None]]:
        """Take the guest's plug; returns what to do with each of its network messages."""
        self._plug = plug
        return {
            wire.Connect: lambda m: plug.connect(m.number, self._own(m.source), m.target),
            wire.Transmit: lambda m: plug.transmit(m.number, m.data),
            wire.Finish: lambda m: plug.finish(m.number),
            wire.Close: lambda m: plug.close(m.number),
            wire.Abort: lambda m: plug.abort(m.number),
            wire.Consumed: lambda m: plug.consumed(m.number, max(0, m.count)),
            wire.Listen: lambda m: plug.listen(m.number, self._own(m.local)),
            wire.Unlisten: lambda m: plug.unlisten(m.number),
            wire.OpenPort: lambda m: plug.open_port(m.number, self._own(m.local)),
            wire.ClosePort: lambda m: plug.close_port(m.number),
            wire.SendDatagram: lambda m: plug.send_datagram(self._own(m.source), m.target, m.data),
            wire.Resolve: lambda m: plug.resolve(m.name, partial(self._resolved, m.number)),
        }

    def unplug(self) -> None:
        """The guest is gone: its connections are reset."""
        if self._plug is not None:
            self._plug.unplug()

    def open_connections(self) -> int:
        """How many connections the guest holds, as the network sees it."""
        return 0 if self._plug is None else self._plug.open_connections()

    def _own(self, local: Address) -> Address:
        """Whatever address the guest claims to have, it is its own host."""
        assert self._plug is not None
        host, port = local
        return (host if host in ("127.0.0.1", "0.0.0.0") else self._plug.host.address, port)

    def _resolved(self, number: int, address: str | None) -> None:
        self._post(wire.Resolved(number, address))

    # -- what the network tells it -----------------------------------------------------------------
    def connected(self, number: int, local: Address, remote: Address) -> None:
        self._post(wire.Connected(number, local, remote))

    def refused(self, number: int, error: int) -> None:
        self._post(wire.Refused(number, error))

    def arrived(self, number: int, data: bytes) -> None:
        self._post(wire.Arrived(number, data))

    def finished(self, number: int) -> None:
        self._post(wire.Finished(number))

    def aborted(self, number: int) -> None:
        self._post(wire.Aborted(number))

    def acknowledged(self, number: int, count: int) -> None:
        self._post(wire.Acknowledged(number, count))

    def incoming(self, listener: int, number: int, local: Address, remote: Address) -> None:
        self._post(wire.Incoming(listener, number, local, remote))

    def datagram(self, port: int, data: bytes, source: Address) -> None:
        self._post(wire.DatagramIn(port, data, source))
