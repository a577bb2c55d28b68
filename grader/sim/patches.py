"""What of the standard library is replaced, and by what: one table, applied and undone as a whole.

A guest applies it to the real modules before anything else is imported, as gevent does, so that
learners' code, stock asyncio and third-party clients all meet the simulated machine. The judge
must keep its own clock and sockets: it gives asyncio alone a look-alike `socket` module.
"""

from __future__ import annotations

import asyncio.base_events
import asyncio.selector_events
import functools
import socket
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from grader.sim import world
from grader.sim.machine import Machine
from grader.sim.shims import asyncio_loop, os_descriptors, os_paths
from grader.sim.shims import datetime as datetime_shim
from grader.sim.shims import select as select_shim
from grader.sim.shims import selectors as selectors_shim
from grader.sim.shims import signal as signal_shim
from grader.sim.shims import socket as socket_shim
from grader.sim.shims import subprocess as subprocess_shim
from grader.sim.shims import threading as threading_shim
from grader.sim.shims import time as time_shim

Patch = tuple[Any, str, Any]


def whole_library() -> list[Patch]:
    """Everything that a guest, or a test of the simulation, replaces."""
    parts = (
        time_shim,
        datetime_shim,
        selectors_shim,
        select_shim,
        asyncio_loop,
        signal_shim,
        threading_shim,
        os_descriptors,
        os_paths,
        subprocess_shim,
        socket_shim,
    )
    return [patch for part in parts for patch in part.patches()]


@functools.cache
def for_asyncio_only() -> list[Patch]:
    """What the judge replaces: the `socket` that asyncio's own modules see, and nothing else."""
    alike = types.ModuleType("socket")
    alike.__dict__.update(vars(socket))
    for _, name, replacement in socket_shim.patches_of(alike):
        setattr(alike, name, replacement)
    modules = [asyncio.base_events, asyncio.selector_events]
    if sys.platform != "win32":
        from asyncio import unix_events

        modules.append(unix_events)
    return [(module, "socket", alike) for module in modules]


def apply(patches: list[Patch]) -> list[Patch]:
    """Apply patches for good; returns those that undo them."""
    undo = [(owner, name, getattr(owner, name)) for owner, name, _ in patches]
    for owner, name, replacement in patches:
        setattr(owner, name, replacement)
    return undo


@contextmanager
def simulated(machine: Machine, patches: list[Patch] | None = None) -> Iterator[Machine]:
    """Put a machine in force with the library patched, and put everything back afterwards."""
    before = world.enter(machine)
    undo = apply(whole_library() if patches is None else patches)
    try:
        yield machine
    finally:
        # While the library is still patched: threads of the world unwind in it.
        machine.kernel.end()
        apply(undo)
        world.enter(before)
