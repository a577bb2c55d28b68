"""Name resolution on the simulated machine: the names are the hosts of the simulated network."""

from __future__ import annotations

import socket as _real
from typing import Any

from grader.sim import world
from grader.sim.machine import HOSTNAME, no_such_name

Info = tuple[_real.AddressFamily, _real.SocketKind, int, str, tuple[str, int]]
_SERVICES = {"http": 80, "https": 443, "echo": 7, "domain": 53, "smtp": 25}
_PASSIVE, _NUMERIC_HOST = int(_real.AI_PASSIVE), int(_real.AI_NUMERICHOST)
_KINDS = ((_real.SOCK_STREAM, _real.IPPROTO_TCP), (_real.SOCK_DGRAM, _real.IPPROTO_UDP))


def _port_number(port: Any) -> int:
    if port is None:
        return 0
    if isinstance(port, int):
        return port
    text = port.decode() if isinstance(port, bytes) else str(port)
    if text.isdigit():
        return int(text)
    if text not in _SERVICES:
        raise _real.gaierror(_real.EAI_SERVICE, "Servname not supported for ai_socktype")
    return _SERVICES[text]


def infos(address: str, port: Any, family: int = 0, type: int = 0, proto: int = 0) -> list[Info]:
    """What `getaddrinfo` answers for one IPv4 address. Raises gaierror as the real one does."""
    if family not in (0, _real.AF_INET):
        raise _real.gaierror(_real.EAI_ADDRFAMILY, "Address family for hostname not supported")
    number = _port_number(port)
    return [
        (_real.AF_INET, kind, protocol, "", (address, number))
        for kind, protocol in _KINDS
        if type in (0, kind) and proto in (0, protocol)
    ]


def passive_address(host: Any, flags: int) -> str | None:
    """The address that a missing host stands for, None when there is a host to look up."""
    if host not in (None, "", b""):
        return None
    return "0.0.0.0" if flags & _PASSIVE else "127.0.0.1"


def getaddrinfo(
    host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
) -> list[Info]:
    """As `socket.getaddrinfo`, IPv4 only; blocks in virtual time while the name is looked up."""
    address = passive_address(host, flags) or _address_of(host, flags)
    return infos(address, port, family, type, proto)


def _address_of(host: Any, flags: int) -> str:
    machine = world.current()
    if flags & _NUMERIC_HOST and machine.known_address(host) is None:
        raise no_such_name()
    return machine.address_of(host)


def gethostbyname(hostname: str) -> str:
    return world.current().address_of(hostname)


def gethostbyname_ex(hostname: str) -> tuple[str, list[str], list[str]]:
    return hostname, [], [gethostbyname(hostname)]


def gethostbyaddr(ip_address: str) -> tuple[str, list[str], list[str]]:
    """As `socket.gethostbyaddr`: only this machine's own name can be found by its address."""
    if world.current().address_of(ip_address) != "127.0.0.1":
        raise _real.herror(1, "Unknown host")
    return "localhost", [], ["127.0.0.1"]


def gethostname() -> str:
    return HOSTNAME


def getfqdn(name: str = "") -> str:
    return name or HOSTNAME


def getnameinfo(sockaddr: tuple[str, int], flags: int) -> tuple[str, str]:
    """As `socket.getnameinfo`, always numeric: the simulated network has no reverse look-up."""
    return str(sockaddr[0]), str(sockaddr[1])


def getservbyname(servicename: str, protocolname: str = "tcp") -> int:
    """As `socket.getservbyname`, for the few services that this machine knows."""
    if servicename not in _SERVICES:
        raise OSError("service/proto not found")
    return _SERVICES[servicename]


def getservbyport(port: int, protocolname: str = "tcp") -> str:
    """As `socket.getservbyport`, for the few services that this machine knows."""
    for name, number in _SERVICES.items():
        if number == port:
            return name
    raise OSError("port/proto not found")


OURS = (
    getaddrinfo,
    gethostbyname,
    gethostbyname_ex,
    gethostbyaddr,
    gethostname,
    getfqdn,
    getnameinfo,
    getservbyname,
    getservbyport,
)
"""What of `socket` these replace, each under its own name."""
