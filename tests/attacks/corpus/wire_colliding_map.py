"""Tries: to have the judge's C code build a map whose keys all have one hash.

Control: says spoke
"""

import sys

import msgspec

from grader import wire

print("spoke")
sys.stdout.flush()
link = sys.stdout.buffer.raw._link


async def read_all(names):
    keys = (bytes(0xFF if number >> bit & 1 else 0xFE for bit in range(17)) for number in range(40_000))
    pairs = b"".join(b"\xdc\x00\x11" + key + b"\x00" for key in keys)
    data = msgspec.Raw(b"\xdf" + (40_000).to_bytes(4, "big") + pairs)
    for number in range(1, 5):
        link.act(wire.Returned(number, wire.Packed(data)))
