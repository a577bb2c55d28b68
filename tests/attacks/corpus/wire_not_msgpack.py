"""Tries: to send what is no message at all, and what is msgpack but none of the protocol's.

Control: says spoke
Ends: SANDBOX_VIOLATION
"""

import struct
import sys

import msgspec

from grader import wire

link = sys.stdout.buffer.raw._link
BODIES = [b"", b"\xc1" * 100, b"garbage", msgspec.msgpack.encode({"verdict": "ACCEPTED"}), b"\x93\xa4Idle\xc0\x91\x92\xa4Exit\x00"]
turn = 0


async def read_all(names):
    link._send(wire.frame(wire.Idle(0, [wire.Printed("stdout", "spoke")])))
    link._receive()
    body = BODIES[len(names) % len(BODIES)]
    link._send(struct.pack(">I", len(body)) + body)
    link._receive()
