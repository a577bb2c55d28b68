"""The network between simulated machines: hosts, links, and packets that arrive when they are due.

Lives where the clock lives: in the judge, or in a world alone. Each attached stack (one machine's
sockets) gets a `NetworkInterface`, its `Medium`; what the network has to tell goes to its `NetworkEvents`
through the kernel's agenda, so nothing is ever delivered in the middle of somebody's call.

A link's latency is one way: a connection opens after two of them, a byte arrives after one.
Packets of one stream never overtake one another; datagrams do where the link has jitter.
"""

from __future__ import annotations

import errno
import random
from collections.abc import Callable

from grader.sim.kernel import Kernel
from grader.sim.net.host import Host
from grader.sim.net.medium import Address, NetworkEvents

LOOPBACK = "127.0.0.1"
WILDCARD = "0.0.0.0"


class _End:
    """One end of a connection as the network keeps it."""

    __slots__ = ("cut_off", "host", "last_ns", "number", "open", "other", "plug")

    def __init__(self, plug: NetworkInterface, number: int, host: Host) -> None:
        self.plug = plug
        self.number = number
        self.host = host
        self.other: _End | None = None
        self.open = True
        self.cut_off = False
        """A packet to it was lost while a host was down: none of the later ones can follow."""
        self.last_ns = 0
        """When the last packet sent by this end arrives: later ones never before it."""

    def is_reachable(self) -> bool:
        if not (self.host.up and (self.other is None or self.other.host.up)):
            self.cut_off = True
        return not self.cut_off


class Network:
    """See the module's header."""

    def __init__(self, kernel: Kernel, rng: random.Random) -> None:
        self.kernel = kernel
        self._rng = rng
        self._hosts: dict[str, Host] = {}
        self._by_address: dict[str, Host] = {}
        self._listeners: dict[Address, tuple[NetworkInterface, int]] = {}
        self._ports: dict[Address, tuple[NetworkInterface, int]] = {}
        self._even = 0

    # -- hosts -------------------------------------------------------------------------------------
    def add_host(self, name: str, **link: object) -> Host:
        """Add a host; its address is the next free one of 10.0.0.0/8. Raises ValueError on a second."""
        if name in self._hosts:
            raise ValueError(f"there is a host {name!r} already")
        index = len(self._hosts) + 1
        host = Host(name, f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}", **link)  # type: ignore[arg-type]  # the dataclass checks its own fields
        self._hosts[name] = host
        self._by_address[host.address] = host
        return host

    def host(self, name_or_address: str) -> Host | None:
        return self._hosts.get(name_or_address) or self._by_address.get(name_or_address)

    def plug_in(self, host: Host, uplink: NetworkEvents) -> NetworkInterface:
        """Attach a machine's sockets as that host's."""
        return NetworkInterface(self, host, uplink)

    # -- the ways between --------------------------------------------------------------------------
    def delay_ns(self, one: Host, two: Host) -> int:
        """One-way latency between two hosts; none within one."""
        return 0 if one is two else one.latency_ns + two.latency_ns

    def arrival_ns(self, one: Host, two: Host, size: int) -> int:
        """When `size` bytes that leave `one` now have arrived at `two`."""
        now_ns = self.kernel.now_ns
        if one is two:
            return now_ns
        sent = max(one.departs_ns("out", now_ns, size), two.departs_ns("in", now_ns, size))
        return sent + self.delay_ns(one, two)

    def find_listener(self, target: Address) -> tuple[NetworkInterface, int] | None:
        host, port = target
        return self._listeners.get((host, port)) or self._listeners.get((WILDCARD + "@" + host, port))

    def find_port(self, target: Address) -> tuple[NetworkInterface, int] | None:
        host, port = target
        return self._ports.get((host, port)) or self._ports.get((WILDCARD + "@" + host, port))

    def next_number(self) -> int:
        self._even += 2
        return self._even

    def chance(self, probability: float) -> bool:
        return probability > 0 and self._rng.random() < probability

    def draw_ns(self, greatest_ns: int) -> int:
        return self._rng.randint(0, greatest_ns) if greatest_ns else 0


class NetworkInterface:
    """One stack's way into the network: its `Medium`."""

    def __init__(self, network: Network, host: Host, uplink: NetworkEvents) -> None:
        self.network = network
        self.host = host
        self.uplink = uplink
        self._ends: dict[int, _End] = {}
        self._listening: dict[int, Address] = {}
        self._ports: dict[int, Address] = {}

    def _place(self, local: Address) -> Address:
        """A local address as the network's tables key it."""
        host, port = local
        if host == WILDCARD:
            return (WILDCARD + "@" + self.host.address, port)
        return (self.host.address if host == LOOPBACK else host, port)

    def _target(self, target: Address) -> Address:
        host, port = target
        return (self.host.address if host in (LOOPBACK, WILDCARD) else host, port)

    # -- streams -----------------------------------------------------------------------------------
    def connect(self, number: int, source: Address, target: Address) -> None:
        network, real_target = self.network, self._target(target)
        there = network.host(real_target[0])
        if there is None or not there.up or not self.host.up:
            return
        here = self._source(source)
        at_ns = network.kernel.now_ns + network.delay_ns(here, there)
        local = self._seen_from(target, source)
        remote = real_target if target[0] == WILDCARD else target
        at_ns += there.connects_after_ns
        network.kernel.call_at(at_ns, self._connect_arrives, number, local, remote, here, there)

    def _seen_from(self, target: Address, source: Address) -> Address:
        """The address that the other end sees: on the way to oneself it is the loopback one."""
        here = self._source(source)
        if target[0] == LOOPBACK and here is self.host:
            return (LOOPBACK, source[1])
        return (here.address, source[1])

    def _source(self, source: Address) -> Host:
        """The host that a packet leaves from: one stack may have sockets of several hosts."""
        return self.network.host(source[0]) or self.host

    def _connect_arrives(self, number: int, local: Address, target: Address, here: Host, there: Host) -> None:
        network, kernel = self.network, self.network.kernel
        back_ns = kernel.now_ns + network.delay_ns(here, there)
        found = None if there.refuses_with else network.find_listener(self._target(target))
        if found is None:
            error = there.refuses_with or errno.ECONNREFUSED
            kernel.call_at(back_ns, self.uplink.refused, number, error)
            return
        plug, listener = found
        mine, theirs = _End(self, number, here), _End(plug, network.next_number(), there)
        mine.other, theirs.other = theirs, mine
        self._ends[number] = mine
        plug._ends[theirs.number] = theirs
        theirs.last_ns = back_ns
        plug.uplink.incoming(listener, theirs.number, target, local)
        kernel.call_at(back_ns, self.uplink.connected, number, local, target)

    def transmit(self, number: int, data: bytes) -> None:
        end = self._ends.get(number)
        if end is None or end.other is None:
            return
        limits = [host.mtu for host in (end.host, end.other.host) if host.mtu is not None]
        size = min(limits, default=max(1, len(data)))
        for start in range(0, len(data), size):
            packet = data[start : start + size]
            self._send(end, len(packet), self._arrive, end.other, packet)

    def finish(self, number: int) -> None:
        end = self._ends.get(number)
        if end is not None and end.other is not None:
            self._send(end, 0, self._finish_at, end.other)

    def close(self, number: int) -> None:
        end = self._ends.pop(number, None)
        if end is not None and end.other is not None:
            end.open = False
            self._send(end, 0, self._finish_at, end.other)

    def abort(self, number: int) -> None:
        end = self._ends.pop(number, None)
        if end is not None and end.other is not None:
            end.open = False
            self._send(end, 0, self._abort_at, end.other)

    def consumed(self, number: int, count: int) -> None:
        end = self._ends.get(number)
        if end is not None and end.other is not None:
            # The window opens without delay: acknowledgements are not what katas are about.
            kernel = self.network.kernel
            kernel.call_at(kernel.now_ns, self._acknowledge_at, end.other, count)

    def _send(self, end: _End, size: int, arrive: Callable[..., None], *args: object) -> None:
        assert end.other is not None
        at_ns = self.network.arrival_ns(end.host, end.other.host, size)
        end.last_ns = max(end.last_ns, at_ns)
        self.network.kernel.call_at(end.last_ns, arrive, *args)

    def _arrive(self, end: _End, data: bytes) -> None:
        if not end.is_reachable():
            return
        if end.open:
            end.plug.uplink.arrived(end.number, data)
        elif end.other is not None:
            # Nobody is there to take it: the sender hears of that after the way back.
            back_ns = self.network.kernel.now_ns + self.network.delay_ns(end.host, end.other.host)
            self.network.kernel.call_at(back_ns, self._abort_at, end.other)

    def _finish_at(self, end: _End) -> None:
        if end.open and end.is_reachable():
            end.plug.uplink.finished(end.number)

    def _abort_at(self, end: _End) -> None:
        if end.open and end.is_reachable():
            end.plug._ends.pop(end.number, None)
            end.open = False
            end.plug.uplink.aborted(end.number)

    def _acknowledge_at(self, end: _End, count: int) -> None:
        if end.open:
            end.plug.uplink.acknowledged(end.number, count)

    # -- listeners ---------------------------------------------------------------------------------
    def listen(self, number: int, local: Address) -> None:
        place = self._place(local)
        self._listening[number] = place
        self.network._listeners[place] = (self, number)

    def unlisten(self, number: int) -> None:
        place = self._listening.pop(number, None)
        if place is not None:
            self.network._listeners.pop(place, None)

    # -- datagrams ---------------------------------------------------------------------------------
    def open_port(self, number: int, local: Address) -> None:
        place = self._place(local)
        self._ports[number] = place
        self.network._ports[place] = (self, number)

    def close_port(self, number: int) -> None:
        place = self._ports.pop(number, None)
        if place is not None:
            self.network._ports.pop(place, None)

    def send_datagram(self, source: Address, target: Address, data: bytes) -> None:
        network, seen, target = self.network, self._seen_from(target, source), self._target(target)
        there = network.host(target[0])
        if there is None or not there.up or not self.host.up:
            return
        here = self._source(source)
        for _ in range(2 if network.chance(there.duplicate) else 1):
            if not network.chance(there.loss):
                at_ns = network.arrival_ns(here, there, len(data)) + network.draw_ns(there.jitter_ns)
                network.kernel.call_at(at_ns, self._datagram_at, target, data, seen)

    def _datagram_at(self, target: Address, data: bytes, source: Address) -> None:
        found = self.network.find_port(target)
        if found is not None:
            plug, number = found
            plug.uplink.datagram(number, data, source)

    # -- names -------------------------------------------------------------------------------------
    def resolve(self, name: str, answer: Callable[[str | None], None]) -> None:
        host = self.network.host(name)
        kernel = self.network.kernel
        kernel.call_at(kernel.now_ns, answer, None if host is None else host.address)

    def open_connections(self) -> int:
        """How many connections this machine has not closed."""
        return len(self._ends)

    def unplug(self) -> None:
        """The machine is gone: its connections are reset and its listeners closed."""
        for number in list(self._ends):
            self.abort(number)
        for number in list(self._listening):
            self.unlisten(number)
        for number in list(self._ports):
            self.close_port(number)
