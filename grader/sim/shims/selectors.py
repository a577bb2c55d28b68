"""A selector over the simulated kernel: ready descriptors are kept as they change, never scanned for."""

from __future__ import annotations

import errno
import selectors
import socketserver
from collections.abc import Mapping
from typing import Any

from grader.sim import world
from grader.sim.descriptors import READABLE, WRITABLE, Descriptor, DescriptorTable
from grader.sim.kernel import Kernel, Source

_EVENTS = {READABLE: selectors.EVENT_READ, WRITABLE: selectors.EVENT_WRITE}
assert all(mask == event for mask, event in _EVENTS.items()), "masks are the selectors module's own"


class SimSelector(Source, selectors.BaseSelector):
    """`selectors.DefaultSelector` on the simulated machine. `select` is a wait of the kernel.

    Events come in the order in which the descriptors became ready.
    """

    def __init__(self, kernel: Kernel, table: DescriptorTable, what: str = "") -> None:
        super().__init__(kernel)
        self._what = what
        """What the observer is told that a thread waits in; a loop's own `select` is not told."""
        self._table = table
        self._keys: dict[int, selectors.SelectorKey] = {}
        self._ready: dict[int, None] = {}
        self._found: list[tuple[int, int]] = []
        """What `ready` saw last: (descriptor, events)."""
        self._poked = False

    def poke(self) -> None:
        """Have the `select` under way, or the next one, return at once."""
        self._poked = True
        self.changed()

    # -- registration ------------------------------------------------------------------------------
    def _number(self, fileobj: Any) -> int:
        number = fileobj if isinstance(fileobj, int) else int(fileobj.fileno())
        if number < 0:
            raise ValueError(f"Invalid file descriptor: {number}")
        return number

    def _descriptor(self, number: int) -> Descriptor:
        descriptor = self._table.get(number)
        if descriptor is None:
            raise OSError(errno.EBADF, "not an open descriptor of the simulated machine")
        return descriptor

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        number = self._number(fileobj)
        if not events or events & ~(READABLE | WRITABLE):
            raise ValueError(f"Invalid events: {events!r}")
        if number in self._keys:
            raise KeyError(f"{fileobj!r} (FD {number}) is already registered")
        self._descriptor(number).watchers[self] = None
        key = self._keys[number] = selectors.SelectorKey(fileobj, number, events, data)
        self.descriptor_changed(number)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        number = self._lookup(fileobj)
        self._ready.pop(number, None)
        descriptor = self._table.get(number)
        if descriptor is not None:
            descriptor.watchers.pop(self, None)
        return self._keys.pop(number)

    def _lookup(self, fileobj: Any) -> int:
        try:
            number = self._number(fileobj)
        except ValueError:
            # A closed socket answers -1: find it by identity, as the standard selectors do.
            number = next((key.fd for key in self._keys.values() if key.fileobj is fileobj), -1)
        if number not in self._keys:
            raise KeyError(f"{fileobj!r} is not registered")
        return number

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        number = self._lookup(fileobj)
        key = self._keys[number] = self._keys[number]._replace(events=events, data=data)
        self.descriptor_changed(number)
        return key

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys[self._lookup(fileobj)]

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return _Map(self)

    def close(self) -> None:
        for number in self._keys:
            descriptor = self._table.get(number)
            if descriptor is not None:
                descriptor.watchers.pop(self, None)
        self._keys.clear()
        self._ready.clear()

    # -- readiness ---------------------------------------------------------------------------------
    def descriptor_changed(self, number: int) -> None:
        """A descriptor that this selector watches may have become ready."""
        key = self._keys.get(number)
        descriptor = self._table.get(number)
        if key is not None and descriptor is not None and descriptor.poll() & key.events:
            self._ready[number] = None
            self.changed()

    def _events_of(self, number: int) -> int:
        descriptor = self._table.get(number)
        return 0 if descriptor is None else descriptor.poll() & self._keys[number].events

    def ready(self) -> bool:
        self._found = []
        if self._ready:
            self._found = [(number, events) for number in self._ready if (events := self._events_of(number))]
            # Rebuilt, never weeded: walking a dict costs as much as it ever held, and once it held many.
            self._ready = dict.fromkeys(number for number, _ in self._found)
        return self._poked or bool(self._ready)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        kernel = self._kernel
        until_ns = None if timeout is None else kernel.after(timeout)
        kernel.wait(until_ns, self, self._what)  # the last that it asks is whether this is ready
        self._poked = False
        found, self._found = self._found, []
        return [(self._keys[number], events) for number, events in found]


class _Map(Mapping[Any, selectors.SelectorKey]):
    """What `get_map` hands out: keys by file object, as in the standard library."""

    def __init__(self, selector: SimSelector) -> None:
        self._selector = selector

    def __len__(self) -> int:
        return len(self._selector._keys)

    def __getitem__(self, fileobj: Any) -> selectors.SelectorKey:
        return self._selector.get_key(fileobj)

    def __iter__(self) -> Any:
        return iter(self._selector._keys)


class DefaultSelector(SimSelector):
    """A selector of the machine in force, for code that is not an event loop of ours."""

    def __init__(self, what: str = "selectors.select") -> None:
        machine = world.current()
        super().__init__(machine.kernel, machine.descriptors, what)


def patches() -> list[tuple[Any, str, Any]]:
    """What of `selectors` a simulated process replaces, also where the library keeps its own choice."""
    names = ("DefaultSelector", "SelectSelector", "PollSelector", "EpollSelector", "KqueueSelector")
    return [
        *((selectors, name, DefaultSelector) for name in names if hasattr(selectors, name)),
        (socketserver, "_ServerSelector", DefaultSelector),
    ]
