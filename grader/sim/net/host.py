"""A host of the network, and its link."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.sim.kernel import NS


@dataclass
class Host:
    """A machine with a name, and the link between it and the rest of the network."""

    name: str
    address: str
    latency_ns: int = 0
    bandwidth_bps: int | None = None
    """Bytes per second in each direction; None for no limit."""
    loss: float = 0.0
    """Chance that a datagram is lost; streams are reliable."""
    duplicate: float = 0.0
    jitter_ns: int = 0
    """Greatest extra delay of a datagram, drawn evenly: datagrams may overtake one another."""
    mtu: int | None = None
    """Bytes of a stream that one packet holds: what is longer arrives in several. None for no limit."""
    connects_after_ns: int = 0
    """How long it takes to answer an attempt to connect, the way there and back aside."""
    refuses_with: int | None = None
    """The `errno` that every attempt to connect ends with; None where listeners decide."""
    up: bool = True
    """A host that is down is a black hole: it answers nothing, refuses nothing."""
    _free_at_ns: dict[str, int] = field(default_factory=dict)

    def departs_ns(self, way: str, now_ns: int, size: int) -> int:
        """When the last of `size` bytes has left on the link in the direction `way`."""
        if self.bandwidth_bps is None:
            return now_ns
        start = max(now_ns, self._free_at_ns.get(way, 0))
        self._free_at_ns[way] = start + size * NS // self.bandwidth_bps
        return self._free_at_ns[way]
