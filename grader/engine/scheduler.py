"""Reaching a dask scheduler, or saying in a few seconds and in words why it cannot be reached.

`distributed.Client` tries a wrong address for long and leaves threads behind that complain. So a plain
connection is tried first, with the same certificates; a client is made only where that has been answered.
"""

from __future__ import annotations

import asyncio
import importlib
import socket
from pathlib import Path
from typing import Any

from grader.errors import BadInput
from grader.records import Record

CONNECT_S = 4.0
WITH_TLS = ("tls://", "wss://")


class Tls(Record, frozen=True):
    """Certificates for a scheduler at `tls://`; what is not given, dask's own configuration says."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


def try_scheduler(address: str, tls: Tls | None = None) -> None:
    """Returns when a scheduler has answered at `address`. Raises BadInput with what to do otherwise."""
    distributed = the_package()
    arguments = _connection_arguments(distributed, address, tls)
    try:
        _knock(address)
        said = asyncio.run(asyncio.wait_for(_identity(address, arguments), CONNECT_S + 1))
    except BadInput:
        raise
    except Exception as error:  # whatever answered there speaks some other language
        raise unreachable(address, error) from None
    if not isinstance(said, dict) or said.get("type") != "Scheduler":
        raise BadInput(f"What answers at {address} is no dask scheduler.", advice=_AS_PRINTED)


def connect(address: str, tls: Tls | None) -> Any:
    """A `distributed.Client` of the scheduler. Raises BadInput where none can be reached."""
    try_scheduler(address, tls)
    distributed = the_package()
    try:
        return distributed.Client(
            address,
            security=_security(distributed, tls),
            timeout=CONNECT_S,
            set_as_default=False,
            name="kata-grade",
        )
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
        raise unreachable(address, error) from None


def unreachable(address: str, error: Exception) -> BadInput:
    """What to tell of a scheduler that is not there, or that will not talk to us."""
    advice = _AS_PRINTED
    if address.startswith(WITH_TLS):
        advice = "Start it with --tls-ca-file, --tls-cert and --tls-key, of the authority of --dask-ca."
    return BadInput(
        f"There is no dask scheduler to be reached at {address}: {_words(_cause(error))}.", advice=advice
    )


def the_package() -> Any:
    """The package, imported where it is needed. Raises BadInput where it is not installed."""
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise BadInput(
            "--dask needs the package dask.distributed.",
            advice="`pip install distributed` into the Python that runs kata.",
        ) from None


_AS_PRINTED = "Start one with `dask scheduler`, and give its address as it prints it: tcp://HOST:8786."


def _security(distributed: Any, tls: Tls | None) -> Any:
    """None leaves it to dask's configuration."""
    if tls is None:
        return None
    given = {"tls_ca_file": tls.ca, "tls_client_cert": tls.cert, "tls_client_key": tls.key}
    options = {name: str(path) for name, path in given.items() if path is not None}
    return distributed.Security(require_encryption=True, **options)


def _connection_arguments(distributed: Any, address: str, tls: Tls | None) -> dict[str, Any]:
    """What to connect with. Raises BadInput for certificates that do not fit the address or each other."""
    if tls is not None and not address.startswith(WITH_TLS):
        raise BadInput(
            f"Certificates are given, and {address} is an address without TLS.",
            advice="Give the scheduler's tls:// address, or leave the certificates out.",
        )
    security = _security(distributed, tls) or distributed.Security()
    try:
        arguments: dict[str, Any] = security.get_connection_args("client")
    except (OSError, ValueError) as error:  # ssl's errors are of the system's kind
        raise BadInput(f"The certificates cannot be used: {_words(error)}.") from None
    if address.startswith(WITH_TLS) and arguments.get("ssl_context") is None:
        raise BadInput(
            f"{address} is an address with TLS, which takes an authority, a certificate and a key.",
            advice="Give --dask-ca, --dask-cert and --dask-key, or set them in dask's configuration.",
        )
    return arguments


def _knock(address: str) -> None:
    """Raises BadInput for what is no address, and OSError where nobody listens: at once, while dask would
    try again and again."""
    addressing = importlib.import_module("distributed.comm.addressing")
    try:
        scheme, rest = addressing.parse_address(address)
        place = addressing.parse_host_port(rest)
    except ValueError as error:
        raise BadInput(f"{address!r} is no address: {_words(error)}.", advice=_AS_PRINTED) from None
    if scheme in ("tcp", "tls"):
        socket.create_connection(place, CONNECT_S).close()


async def _identity(address: str, arguments: dict[str, Any]) -> Any:
    """What a scheduler says of itself."""
    comm = importlib.import_module("distributed.comm")
    channel = await comm.connect(address, timeout=CONNECT_S, **arguments)
    try:
        await channel.write({"op": "identity", "reply": True, "n_workers": 0})
        return await channel.read()
    finally:
        channel.abort()


def _cause(error: Exception) -> Exception:
    """The innermost reason: dask's own words are that it has waited."""
    while isinstance(error.__cause__, Exception) and not isinstance(error.__cause__, TimeoutError):
        error = error.__cause__
    return error


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError) or "Timed out" in str(error):
        return f"no answer within {CONNECT_S:.0f} s"
    said = str(error).rpartition(">: ")[2]  # dask puts its own object in front
    return said.strip().rstrip(".") or type(error).__name__
