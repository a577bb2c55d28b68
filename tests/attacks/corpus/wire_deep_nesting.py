"""Tries: to overflow the decoder's stack with lists in lists, a million deep.

Control: says spoke
"""

import struct
import sys

import msgspec

from grader import wire

link = sys.stdout.buffer.raw._link


async def read_all(names):
    link._send(wire.frame(wire.Idle(0, [wire.Printed("stdout", "spoke")])))
    link._receive()
    marker = wire.frame(wire.Idle(None, [wire.Returned(1, wire.Packed(77))]))[4:]
    body = marker.replace(b"\x91\x4d", b"\x91" * 1_000_000 + b"\x4d")
    link._send(struct.pack(">I", len(body)) + body)
    link._receive()
